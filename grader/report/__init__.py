"""From a grade to something that a person reads. Draws, and never runs anything.

A grade goes in, text comes out: `html.student_page`, `text.terminal`; `registry.REPORTS` names them all. `summary` puts a
grade into sentences, `view` one check; `rows` and `seq` draw what travelled, `sides` sets it beside the reference,
`printed` and `code` show what the server said and where it stood. `show` is how bytes are shown, `elements` the only place
where text becomes markup.
"""
