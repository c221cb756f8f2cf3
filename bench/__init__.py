"""Benchmarks: each module is one `bin/bench NAME`, with `main(argv) -> int` and its bars stated in code."""
