"""The page of a class, for whoever teaches it: drawn from grades, like every other report, and never shown to a student."""
