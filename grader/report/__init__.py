"""From a grade to something that a person reads. Draws, and never runs anything.

Grades go in, text comes out: `registry.REPORTS` names all ways of drawing, one module of `exports/` each, and `registry.draw`
takes one. `student` is the view that a student may have, `told` a grade in plain words, `diff` what lies between two
grades. `html.student_page` and `text.terminal` are what `grade` itself uses. `summary` puts a grade into sentences, `view` one check; `rows` and `seq` draw what travelled, `sides` sets it beside the reference,
`printed` and `code` show what the server said and where it stood. `show` is how bytes are shown, `elements` the only place
where text becomes markup.
"""
