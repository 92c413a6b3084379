"""From a grade to something that a person reads. Draws, and never runs anything.

Grades go in, text comes out: `registry.REPORTS` names all ways of drawing, one module of `exports/` each, and `registry.draw`
takes one. `student` is the view that a student may have, `told` a grade in plain words, `diff` what lies between two
grades. `html.student_page` and `text.terminal` are what `grade` itself uses; `cohort.page.class_page` is a whole class.

`summary` puts a grade into sentences, `view` one check, `about` the circumstances; `room` says how much evidence a page has
place for, and `rendering` fills in templates. `rows`, `folds`, `layout` and `seq` draw what travelled, `sides` sets it beside
the reference (`columns` reads a transcript by the lines of the play, `steps` leaves out what tells nothing), `printed` and
`code` show what the server said and where it stood, `evidence` how all that is known. `show` is how bytes are shown,
`elements` the only place where text becomes markup.
"""
