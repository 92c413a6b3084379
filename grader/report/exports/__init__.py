"""One module for each way of drawing grades, each with one function `draw`; `report/registry.py` names them all."""
