"""Every sentence that a person reads, per language; see `sentences.py` for what a sentence may hold."""

from grader.words.plain import cut, cut_in_a_word, escape_of, printable, printable_lines
from grader.words.sentences import LANGUAGES, Sentences

__all__ = ["LANGUAGES", "Sentences", "cut", "cut_in_a_word", "escape_of", "printable", "printable_lines"]
