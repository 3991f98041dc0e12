//! A run folder that others may see: the same bytes where they bear on a number, without the paths and names of this machine.
//!
//! [`copy::copy`] copies what the run left; the stages then compute the rest again, so that a published number is one that
//! follows from the published bytes. [`browser`] draws the page, [`static_copy`] takes the scripts out of what it drew.

pub mod browser;
pub mod copy;
pub mod hide;
pub mod place;
pub mod static_copy;
