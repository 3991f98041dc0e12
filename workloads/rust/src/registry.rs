//! The workloads by name.

use crate::cache::new_cache;
use crate::churn::new_churn;
use crate::finalizers::new_finalizers;
use crate::fragment::new_fragment;
use crate::graph::new_graph;
use crate::maps::new_maps;
use crate::objects::new_objects;
use crate::pooling::new_pooling;
use crate::recording::new_recording;
use crate::request::Request;
use crate::slices::new_slices;
use crate::stacks::new_stacks;
use crate::stores::new_stores;
use crate::trees::new_trees;
use crate::workload::Workload;

/// How to make a workload, in which modes it may run, and whether on one thread only. The constructor takes its parameters from the request and
/// allocates next to nothing; setup builds the live set.
struct Entry {
    name: &'static str,
    make: fn(&mut Request, usize) -> Box<dyn Workload>,
    open: bool,
    alone: bool, // it looks at the whole heap
}

static REGISTRY: [Entry; 13] = [
    Entry {
        name: "churn",
        make: new_churn,
        open: true,
        alone: false,
    },
    Entry {
        name: "graph",
        make: new_graph,
        open: false,
        alone: false,
    },
    Entry {
        name: "slices",
        make: new_slices,
        open: false,
        alone: false,
    },
    Entry {
        name: "cache",
        make: new_cache,
        open: true,
        alone: false,
    },
    Entry {
        name: "trees",
        make: new_trees,
        open: false,
        alone: false,
    },
    Entry {
        name: "fragment",
        make: new_fragment,
        open: false,
        alone: false,
    },
    Entry {
        name: "stacks",
        make: new_stacks,
        open: false,
        alone: false,
    },
    Entry {
        name: "pooling",
        make: new_pooling,
        open: false,
        alone: false,
    },
    Entry {
        name: "objects",
        make: new_objects,
        open: false,
        alone: true,
    },
    Entry {
        name: "maps",
        make: new_maps,
        open: false,
        alone: true,
    },
    Entry {
        name: "finalizers",
        make: new_finalizers,
        open: false,
        alone: true,
    },
    Entry {
        name: "stores",
        make: new_stores,
        open: false,
        alone: true,
    },
    Entry {
        name: "recording",
        make: new_recording,
        open: false,
        alone: false,
    },
];

/// Makes one workload per thread, or names what is wrong with the request.
pub fn construct(r: &mut Request) -> Result<Vec<Box<dyn Workload>>, String> {
    let Some(known) = REGISTRY.iter().find(|entry| entry.name == r.workload) else {
        return Err(format!("workload: {} is unknown", r.workload));
    };
    if r.open && !known.open {
        return Err(format!("mode: {} runs in closed loop only", r.workload));
    }
    if r.threads > 1 && known.alone {
        return Err(format!(
            "threads: {} runs on one, since it looks at the whole heap",
            r.workload
        ));
    }
    if r.drag > 0 && r.workload == "fragment" {
        return Err("drag_permille: is not for fragment".into());
    }
    if r.return_ms > 0 && r.workload != "fragment" {
        return Err("return_ms: is for fragment only".into());
    }
    if !r.force && r.workload != "fragment" {
        return Err("force: can be 0 for fragment only".into());
    }
    if r.probe > 0 && r.workload != "fragment" {
        return Err("probe_bytes: is for fragment only".into());
    }
    let mut works = vec![(known.make)(r, 0)];
    r.leftover()?;
    works.extend((1..r.threads).map(|t| (known.make)(r, t)));
    Ok(works)
}
