//! The decision rule as a specification: synthetic plans and analyses in, verdicts out.

mod build;
mod equal_memory;
mod facts;
mod fragmentation;
mod interval;
mod large_heap;
mod little;
mod rounds;
mod symmetry;
mod told;
