"""What is a message in a thread: a question, a statement about the systems, pasted output, or talk between people?

Most of what is written at night is no work for the app: thanks, "on it", an emoji, a question to a colleague. It is
kept with the thread, where a model reads it later, and answered by nobody. Tables of words: a newcomer adds a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def _any(words: str) -> str:
    """One of these words; a `_` is a blank."""
    return f"(?:{'|'.join(words.split())})".replace("_", " ")


_FENCED = re.compile(r"```(?:[a-z]+\n)?(.*?)(?:```|\Z)", re.DOTALL)
_OUTPUT = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:|[A-Z][a-z]{2} +\d+ \d\d:\d\d:|[EWIF]\d{4} \d\d:|at [\w.$<>]+\(|\s*File \"|"
    r"Traceback \(most|Caused by: |\{\"|(?:Normal|Warning)\s{2,}\S|[A-Z][A-Z-]+(?:\s{2,}[A-Z][A-Z() -]*){2,}$|"
    r"\S+\s{2,}\d+/\d+\s{2,}\S|(?:level|ts|time)=\S+ )|^\s*(?:ERROR|WARN(?:ING)?|FATAL|PANIC|INFO)\b[ :\]]"
)
"""A line that a program wrote: times, levels, tables, stack traces."""
_SENTENCE = re.compile(r"(?:[^.!?？。！\n]|[.!?](?=[^\s.!?]))+[.!?？。！]*")
_CLAUSE = re.compile(r"(?:,|;| but| and| so|\s[–—-])\s+(?=\S)", re.IGNORECASE)

_READ = 8_000
"""Letters of a message that are looked at."""
_LONGEST_CHATTER = 80
_LINE = 300
"""Of a line, so many letters tell whether a program wrote it."""
_SIGNS = re.compile(r":[a-z0-9_+'-]+:|\+1|(?!['’])[^\w\s]+")
_TALK = _any(r"""
    1 x?d o?k(?:ay|ey)? kk? y(?:es|ep|eah|up)? no(?:pe)? sure right exactly agreed? true th(?:an)?x
    thanks?(?:_(?:you|a_lot|so_much|all|everyone|team|both))* ty(?:vm)? cheers np no_(?:worries|problem) great nice
    cool awesome perfect amazing good (?:well|nicely)_done (?:great|good|nice)_(?:work|job|catch|find|call|point)
    lol lmao ha(?:ha)* heh hm+ oh ah ouch oops wow damn ugh phew wtf omg ack(?:ed|nowledged)? roger copy noted
    (?:i_)?(?:don'?t_)?(?:think|guess|hope)_(?:so|not) i_see maybe(?:_later)? will_do done_deal
    brb bbl afk gtg back_in_.{1,12}
    (?:i'?m_|i_am_)?(?:back|here|awake|up|around|in|online|on_it|on_my_way|omw)(?:_(?:now|too))*
    (?:i'?m_|i_am_)?(?:join(?:ing|ed)|looking|checking|digging)(?:_(?:in(?:to_(?:it|this))?|at_(?:it|this)|now|too))*
    same(?:_here)? me_too (?:just_)?(?:one|a|1|give_me_(?:a|one|1)|gimme_(?:a|one))_(?:sec\w*|min\w*|moment) hang_on
    hold_on wait standby stand_by hi hey hello (?:good_)?(?:morning|evening|afternoon|night) all everyone team folks
    guys y'?all sorry please danke(?:_dir|_euch|_schön)? gracias merci(?:_beaucoup)? obrigad[oa] grazie vale genau
    super prima moin hallo bonjour hola ciao d'accord ありがとう(?:ございます)? 了解(?:です)? 谢谢 好的? 收到 감사합니다
""")
_CHATTER = re.compile(rf"(?:{_TALK}(?:\s+|$))+", re.IGNORECASE)
_OPENINGS = _any(r"""
    @\S+ ok(?:ay)? thanks? thank_you thx hi hey hello sorry so well and but hm+ ah oh btw fyi also bot team all
    yes yeah no quick_question
""")
_OPENING = re.compile(rf"^(?:{_OPENINGS}\b[\s,:.!–-]*)+", re.IGNORECASE)
"""What stands before what is said."""
_STATED_SO = (
    r"(?!\s+(?:not|n't|a|an|another|already|still|now|back|down|up|ok|okay|fine|just|nothing|better|worse|our|due|"
    r"(?!any|every|some|no)\w+(?:ing|ed|en|wn|lt)|that already|it already|\d)\b)(?!['’]t\b)"
)
"""Behind a verb at the beginning: `is down`, `was restarted`, `can't reproduce` ask nothing."""
_ASKS = _any(r"""
    (?:isn|aren|wasn|weren|don|doesn|didn|can|couldn|shouldn|hasn|haven)['’]?t_(?:it|this|that|the|we|you|there|they)
    why what(?:'?s)? when(?:'?s)?(?!_we|_i|_you) where(?:'?s)? which who(?:'?s)? whose how(?:'?s)?
    any(?:thing|one|body)? please pls show look_(?:at|into|for) tell list find explain describe summari[sz]e give
    compare check(?!_(?:is|was|passe?[sd]|failed|looks)) run get fetch query verify help fix solve repair mitigate
    investigate dig_into drill_(?:down|into) elaborate continue go_on more_(?:details?|info\w*|about|on)
    ask (?:restart|delete|kill|scale|drain|revert|undo|roll_?back)_(?:it|this|that|the|all) warum wieso weshalb
    was_(?:ist|hat|sagt|war|geht|können|sollen|machen) wie wo(?:ran)? wann welche[rs]? wer liegt_es
    ist_(?:es|das|die|der) hat_(?:jemand|sich|das|die|der) gibt_es können_wir kannst_du zeig(?:e|t)? pour_?quoi
    qu(?:e|els?|elles?|and|i)\b qu' est-ce comment combien où y_a-t-il peux-tu montre por_?qu[eé] qu[eé]
    cu[aá](?:ndo|l|les|nto) c[oó]mo d[oó]nde qui[eé]n hay_ puedes muestra o_que quando quem onde perch[eé] cosa come
    dove quali なぜ 何 いつ どこ どう 为什么 什么 怎么 哪
""")
_VERBS = r"(?:can|could|would|will|should|shall|may|do|does|did|is|are|was|were|has|have|had)"
_ASKING = re.compile(
    rf"^¿|^(?:{_VERBS}{_STATED_SO}|{_ASKS})(?=\W|$|(?<=[^\x00-\x7f]))|(?:ですか|ますか|吗|呢)[?？。]*$", re.IGNORECASE
)
_OF_PEOPLE = re.compile(
    r"\b(?:on[- ]?call|ic|incident commander|in charge|zoom|bridge|call|link|around|available|awake|free|driving|"
    r"leading|join(?:ing)?|from the|take (?:this|it|over)|online|up)\b",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"^(?:who(?:'s|se| is| can| wants?)?|(?:is |can |could |does |did |has )?(?:any|some)(?:one|body)|are you|you)\b",
    re.IGNORECASE,
)
"""Together: a question about who helps, which no system answers."""
_OTHERS = re.compile(r"^\s*(?:\w+[\s,]+){0,2}@\w")
_BUSY = re.compile(
    r"^(?:(?:i'?m|i am|we'?re|we are|i'?ll|we'?ll|i|we|let me|let'?s|lemme|will|gonna|going to|just|still) )*"
    r"(?:look|check|dig|investigat|pag|call|ping|ask|join|escalat|wait|jump|hop|tak|grab|get|try|need|want|loop|bring)"
    r"(?:e|g?ing)?\b",
    re.IGNORECASE,
)
"""What somebody is about to do among people; it states something only where it names a change."""

_CHANGE = _any(r"""
    roll(?:ed|ing|s)?_?(?:it_|this_|that_|\S+_)?back roll(?:ed|ing)?_(?:out|forward) roll_?(?:back|out)s?
    re_?-?deploy\w* deploy\w* releas\w+ ship(?:ped|ping) re_?-?start\w* re_?boot\w* revert\w* scal(?:ed|ing|e)\w*
    bump\w* increas\w* decreas\w* rais(?:ed|ing) lower(?:ed|ing) drain\w* cordon\w* evict\w* fail(?:ed|ing)?_?over
    promot\w+ flip(?:ped|ping) toggl\w+ enabl\w+ disabl\w+ turn(?:ed|ing)_(?:on|off) switch(?:ed|ing)
    chang(?:ed|ing) updat(?:ed|ing) upgrad\w+ downgrad\w+ patch\w* hot_?fix\w* fix(?:e[ds]|ing)? merg(?:ed|ing)
    push(?:ed|ing) appl(?:y|ied|ying) migrat\w+ delet(?:ed|ing) remov(?:ed|ing) kill(?:ed|ing) stopp(?:ed|ing)
    renew\w* rotat\w+ resiz\w+ clear(?:ed|ing) flush(?:ed|ing) purg(?:ed|ing) block(?:ed|ing) throttl\w+
    allow_?list\w* rerout\w+ maintenance mitigat\w+ touch(?:ed|ing) add(?:ed|ing) creat(?:ed|ing) set_.{1,30}_to
    moved split ran (?:zurück|neu)_?ge\w+ neugestart\w* hochgefahren hochskaliert ausgerollt
    ge(?:ändert|löscht|stoppt|killt) deployt r[eé](?:d[eé]marr|inici|inic|lanc|tabli)\w* d[eé]ploy\w* despleg\w+
    despli\w+ revert\w+ riavvi\w+ ロールバック 再起動 デプロイ 戻し 回滚 重启 部署 回退 扩容
""")
_STATE = _any(r"""
    only down up_(?:and_running|again) (?:it'?s|is|are|all|now|came|come|went|everything'?s?)_back back_to_normal
    broken? br(?:oke|eaks) fail\w* errors? erroring slow\w*
    laten\w+ time_?outs? timed_out timing_out crash\w* oom\w* stuck
    hang(?:s|ing) hung pending full pegged maxed spik\w+ drop\w* recover\w* normal (?:un)?healthy green red fine
    works working worked reproduc\w+ affected unreachable refus\w+ missing expired? saturated degraded outages?
    incident began begun tried no_luck same_(?:result|error|problem|thing)
    stale lost corrupt\w* unavailable happen\w* started still gone resolved better worse helped wrong
    loop(?:s|ing) restarts flapping climbing rising growing burning empty exceed\w* denied forbidden rejected
    throttled exhausted leak\w* deadlock\w* lock(?:s|ed) lag\w* done finished live kaputt langsam fehler\w*
    ausgefallen läuft steht voll weg lent[oae]? panne tomb[eé]\w* marche erreurs? ca[ií]d[oa]\w* caiu errores erros
    fallando funciona\w* giù 障害 落ち 遅い 慢 挂了 报错 恢复
""")
_THINGS = _any(r"""
    databases? dbs? redis postgres\w* mysql kafka rabbit\w* mongo\w* elastic\w* pods? nodes? clusters? services?
    apis? gateway ingress queues? cach\w+ disks? cpu mem(?:ory)? ram network dns cert\w* tls quotas? limits? traffic
    load_?balancers? lb customers? users? requests? prod(?:uction)? staging canary regions? az zone logs? metrics?
    dashboards? alerts? configs? config_?maps? secrets? flags? images? tags? versions? migrations? cron_?jobs? jobs?
    replicas? containers? namespaces? vpc subnets? firewall proxy helm argo\w* terraform cloudflare aws gcp azure
    tokens? keys? passwords? credentials? vendor upstream downstream datenbank server knoten
    base banco serveurs? servidor\w* n[oœ]uds?
    データベース サーバー? 数据库
    服务器? 节点
""")
_MEASURED = re.compile(
    r"(?<!\d)(?:[01]?\d|2[0-3])[:h][0-5]\d(?!\d)|"
    r"(?<!\d)\d{1,9}(?:\.\d{1,3})? ?(?:%|percent|ms\b|[KMG]i?B?\b|rps\b|qps\b)|\b[45](?:\d\d|xx)s?\b|"
    r"\bv\d+|(?<!\d)\d{1,4}\.\d{1,4}\.\d|`[^`]+`",
    re.IGNORECASE,
)
_TOLD = re.compile(rf"(?:\b|(?<=[^\x00-\x7f]))(?:{_CHANGE}|{_STATE}|{_THINGS})(?:\b|(?=[^\x00-\x7f]))", re.IGNORECASE)
_CHANGED = re.compile(rf"(?:\b|(?<=[^\x00-\x7f]))(?:{_CHANGE})(?:\b|(?=[^\x00-\x7f]))", re.IGNORECASE)
_CORRECTING = re.compile(
    r"^(?:(?:please |pls )?(?:ignore|disregard) (?:that|my|the last|what)|no|nope|correction|scratch that|actually|"
    r"sorry,? wrong|that'?s (?:wrong|not)|not true|wrong|nein|non|n[aã]o)\b",
    re.IGNORECASE,
)
_SUPPOSING = re.compile(
    r"^(?:(?:i|we) (?:(?:don['’]?t|do not) )?(?:think|guess|bet|suspect|believe|doubt|see|saw)|looks? like|seems?|"
    r"feels like|prob\w*|maybe)\b",
    re.IGNORECASE,
)
_OF_IT = re.compile(
    r"(?:^|[,;:] )(?:(?!(?:i|you|we|he|she|that|this|who)\b)(?:[^\s,;:]+ ){1,5}(?:is|are|was|were|looks?|seems?)\b"
    r"(?! (?:great|nice|good|cool)\b)|it['’]?s(?: not| only)? (?:the|an?|our|their)\b)",
    re.IGNORECASE,
)
"""Something other than a person is or was something."""
_SUPPOSED = re.compile(r"^(?:if|unless|should we|wenn|falls|si)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Heard:
    """A message, taken apart."""

    asked: str = ""
    """The sentences that ask the app for something."""
    stated: str = ""
    """The sentences that tell something of the systems."""
    pasted: str = ""
    """Lines that a program wrote, as they came."""
    changed: bool = False
    """Whether somebody says that something was changed."""

    @property
    def silent(self) -> bool:
        """Whether there is nothing in it for the app."""
        return not (self.asked or self.stated or self.pasted)


def chatter(text: str) -> bool:
    """Whether it is nothing but thanks, assent, greetings and signs."""
    words = _SIGNS.sub(" ", text).strip()
    return not words or (len(words) <= _LONGEST_CHATTER and _CHATTER.fullmatch(words) is not None)


def heard(text: str) -> Heard:
    """Take a message apart."""
    pasted, spoken = _apart(text[:_READ])
    if not pasted and chatter(text):
        return Heard()
    to_others = _OTHERS.match(spoken) is not None
    asked: list[str] = []
    told: list[str] = []
    for found in _SENTENCE.finditer(spoken):
        sentence = found.group().strip()
        asking, stating = _halves(sentence)
        if asking and not to_others and not _among_people(asking):
            asked.append(asking)
        if stating and _tells(stating):
            told.append(stating)
    stated = " ".join(told)
    return Heard(" ".join(asked), stated, pasted, bool(_CHANGED.search(stated)))


def _apart(text: str) -> tuple[str, str]:
    """Lines of programs, fenced or recognised, and what is left."""
    fenced = [found.strip("\n") for found in _FENCED.findall(text)]
    lines = _FENCED.sub("\n", text).splitlines()
    written = [line for line in lines if _OUTPUT.search(line[:_LINE])]
    spoken = "\n".join(line for line in lines if not _OUTPUT.search(line[:_LINE]))
    return "\n".join(filter(None, [*fenced, *written])), spoken


def _halves(sentence: str) -> tuple[str, str]:
    """The part that asks and the part that states: `we rolled back, is it better?` does both."""
    bare = _OPENING.sub("", sentence)
    marked = sentence.endswith(("?", "？"))
    if _CORRECTING.match(bare) and not marked:
        return "", sentence
    if not marked:
        return (sentence, "") if _ASKING.search(bare) else ("", sentence)
    for found in _CLAUSE.finditer(sentence):
        before, after = sentence[: found.start()], sentence[found.end() :]
        if (
            _ASKING.search(_OPENING.sub("", after))
            and not _ASKING.search(_OPENING.sub("", before))
            and not _SUPPOSED.match(bare)
        ):
            return after, before
    return sentence, ""


def _among_people(question: str) -> bool:
    bare = _OPENING.sub("", question)
    return _WHO.search(bare) is not None and _OF_PEOPLE.search(bare) is not None


def _tells(sentence: str) -> bool:
    """Whether it says something of the systems."""
    bare = _OPENING.sub("", sentence) or sentence
    if chatter(bare):
        return False
    if _BUSY.match(bare):
        return _CHANGED.search(bare) is not None
    if _CORRECTING.match(sentence) and len(sentence.split()) > 2:
        return True
    return any(one.search(bare) for one in (_TOLD, _MEASURED, _SUPPOSING, _OF_IT))
