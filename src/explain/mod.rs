//! What a log tells about the process that wrote it, with no other input: figures, findings in order of harm, and what other settings
//! would do. Hears the events of a log ([`crate::artifact::event`]) one at a time, in constant memory; it reads no file and prints nothing.

pub mod line;
