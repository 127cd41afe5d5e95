"""Tests of ``codegen.soundness``, one module each, with these exceptions.

``arrays``, ``objects``, ``scalars``, ``disjoint`` and ``type_info`` are tested by ``test_proof``, and all modules
together by ``test_attacks``. ``subproofs`` contains only a protocol.
"""
