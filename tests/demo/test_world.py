from chatops.demo.world import Stage, World


def test_the_stage_hands_out_the_world_that_is_on() -> None:
    first, second = World(1.0, {}), World(2.0, {})
    stage = Stage(first)
    stage.world = second
    assert stage.world.began == 2.0
