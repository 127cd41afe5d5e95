"""Turns the JSON Schemas of WebSocket endpoints into typed servers and clients.

The steps, in order; each module imports only what stands above it::

    problems                    what can be wrong, and where
    names                       identifiers, and how languages spell them
    load                        files       -> JSON values that know their line and column
    meta                        documents   -> whether they are endpoint documents at all
    resolve                     documents   -> references that can be followed
    model                       endpoints, messages and types; knows no language and no keyword
    keywords                    documents   -> model; the only place that names JSON Schema's keywords
    emit.python, emit.…         model       -> text; each the only place that names its language
    write                       text        -> files
    generate                    all of it
"""
