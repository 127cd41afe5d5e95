"""Code generator for WebSocket endpoints: JSON Schemas to a Python package for Tornado and a TypeScript client.

Layers, from the lowest to the highest; each imports only those above it in this list::

    version, identifiers   version and naming conventions of generated code
    deep_stack             stack for recursion through schemas
    source                 files to JSON values with positions; problems
    regex                  regular expressions of JSON Schema, for both engines
    model                  endpoints, messages, types and validators
    schema                 validation against meta-schemas, older drafts, references
    keywords               documents to the model
    runtime_schema, contract, limits
                           values about an endpoint in generated code
    evolution              comparison of versions, released contracts
    lint                   rules for names, paths and combinations of keywords
    soundness              proof of what a generated type guarantees
    emit                   model to Python, TypeScript, Svelte and Vite
    settings, output       pyproject.toml; files on disk
    pipeline               all steps
    contract_commands, cost_report, watch, scaffold, build, cli
                           commands and the hook for setuptools
"""
