"""Tests of ``codegen.keywords`` and ``codegen.model``, one module each, with these exceptions.

``schema_constraints``, ``properties``, ``merge``, ``object_types`` and ``constant_types`` are tested by
``test_type_inference``; ``validator_builder`` and ``model.validators`` by
``tests/codegen/emit/test_runtime_validators.py`` and ``tests/codegen/verdicts``; all tests here use ``model``.
"""
