package gcrucible.runner;

/**
 * Keeps the fields of a subclass 128 bytes away from the object in front of it. A collector may put two threads' states
 * side by side, and counters that share a cache line would then slow both threads down.
 */
abstract class Padded {
    int gap; // fills the rest of the header, where the JVM would put a subclass's int
    long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15;
}
