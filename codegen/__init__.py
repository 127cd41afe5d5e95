"""Turns the JSON Schemas of WebSocket endpoints into typed servers and clients.

The steps, in order; each module imports only what stands above it::

    problems            what can be wrong, and where
    names, patterns     identifiers and regular expressions, as every language reads them
    load                files      -> JSON values that know their line and column
    meta, dialects      documents  -> what is wrong with them; older drafts -> 2020-12
    resolve             documents  -> references that lead somewhere
    model               endpoints, messages and types; knows no language and no keyword
    keywords            documents  -> model; the only place that knows what JSON Schema's keywords say
    rules               what else an endpoint must obey, such as names that are taken
    soundness           what generated types guarantee of a schema
    emit.python, emit.… model      -> text; each the only place that knows its language
    write               text       -> files
    generate            all of it
    cli, watch, build   the command, its --watch, and a hook for setuptools
"""
