"""How a server talks whose protocol a student invented, found out by talking to it."""
