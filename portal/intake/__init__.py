"""The conversation: turns, answers, picture of the card, signature, sending. Stage one."""
