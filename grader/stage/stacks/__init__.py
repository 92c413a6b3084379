"""Where each thread of a server stood, line by line: read from outside, once its play is over.

A stack says what a system call can't: that the thread which waits in `recv` does so in line 29, called from the loop that
accepts. Each language is read in its own way: Python by py-spy, which reads the memory of the process; Java by asking the
machine for its thread dump (SIGQUIT), which it prints; a program compiled from the student's own source by gdb. What is
not there, or has nothing to say, leaves a thread without lines, and nobody the worse for it: `/proc` has told already
what it waits for.

Reading a stack may hold the server up or interrupt a call of its, so it is done when nothing is judged any more. The
readers run without root (`sandbox.identity`), because what they read is hostile.
"""

from grader.stage.stacks.frames import Frame, Stack
from grader.stage.stacks.reading import Said, stacks

__all__ = ["Frame", "Said", "Stack", "stacks"]
