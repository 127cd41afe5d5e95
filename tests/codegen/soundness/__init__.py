"""Tests of ``codegen.soundness``, one module each, with these exceptions.

``arrays``, ``objects``, ``scalars``, ``disjoint`` and ``type_info`` are tested by ``test_proof``; the whole of them by
``test_attacks``. ``subproofs`` contains a protocol only.
"""
