"""Does a text say only what was observed? Held against the case file sentence by sentence (`claims`)."""
