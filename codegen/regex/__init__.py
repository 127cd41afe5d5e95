"""Regular expressions of JSON Schema (ECMA-262, ``u`` flag), parsed and compiled to automata.

Imports: nothing of this package.

Entry points: :func:`.parser.parse` and :func:`.automaton.automaton`.
"""
