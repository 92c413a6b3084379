"""A grader of socket servers: each grade is a claim, and every claim carries its evidence."""

__version__ = "0.1.0"
