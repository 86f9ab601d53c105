"""What each move of a case is called in its record."""

from portal.cases.lifecycle import Move
from portal.words import N_

MOVES = {
    Move.SUBMIT: N_("Received"),
    Move.CHECK_IDENTITY: N_("Ready for the identity check"),
    Move.TRUST_ACCOUNT: N_("Goes on to deciding, without a card"),
    Move.TAKE_UP: N_("Taken up by the desk"),
    Move.CARRY_OUT_AT_ONCE: N_("Carried out at once, not decided"),
    Move.CONFIRM_IDENTITY: N_("Goes on to deciding"),
    Move.SUSPECT: N_("Goes on to deciding, without a settled identity"),
    Move.DOUBT: N_("Waits for the person, because of a doubt"),
    Move.ASK: N_("Waits for the person"),
    Move.REPLY: N_("Goes on: the person answered"),
    Move.GO_ON: N_("Goes on without waiting"),
    Move.ANSWER: N_("Answered"),
    Move.PROPOSE: N_("Proposed to a second person"),
    Move.CONFIRM: N_("Confirmed by a second person"),
    Move.SEND_BACK: N_("Sent back by the second person"),
    Move.REOPEN: N_("Opened again, for a new decision"),
    Move.FULFIL: N_("Carried out"),
    Move.HAND_OVER: N_("File ready for the person"),
    Move.CLOSE: N_("Closed"),
    Move.WITHDRAW: N_("Withdrawn by the person"),
    Move.EXTEND: N_("The person is told of the longer term"),
    Move.ANNOUNCE_FEE: N_("Waits for the person, because of a fee"),
    Move.ACCEPT_FEE: N_("Goes on: the person accepted the fee"),
    Move.DISAGREE: N_("To be looked at again, by somebody else"),
    Move.UPHOLD: N_("Looked at again: the answer is kept"),
    Move.RELENT: N_("The answer stands: the person took the disagreement back"),
    Move.SET_ASIDE: N_("Closed: the mail asks none of the rights"),
    Move.TAKE_BACK: N_("Taken back before the letter left"),
}
