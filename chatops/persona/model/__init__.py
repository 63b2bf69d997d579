"""How is a model asked? Providers, prices, streams, what is asked again, and what it must not see."""
