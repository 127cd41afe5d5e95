"""Write the parts of the documentation that state what code states: ``python -m docs.scripts``."""
