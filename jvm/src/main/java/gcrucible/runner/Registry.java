package gcrucible.runner;

import java.util.Map;

/** Name to constructor, the modes in which a workload may run, and whether on one thread only. */
final class Registry {
    private Registry() {}

    /** Takes parameters from the request and allocates next to nothing; setup builds the live set. */
    private interface Constructor {
        Workload make(Request request, int t);
    }

    private record Entry(Constructor constructor, boolean open, boolean alone) {}

    private static final Map<String, Entry> WORKLOADS = Map.ofEntries(
            Map.entry("churn", new Entry(Churn::new, true, false)),
            Map.entry("graph", new Entry(Graph::new, false, false)),
            Map.entry("slices", new Entry(Slices::of, false, false)),
            Map.entry("cache", new Entry(Cache::new, true, false)),
            Map.entry("trees", new Entry(Trees::new, false, false)),
            Map.entry("fragment", new Entry(Fragment::new, false, false)),
            Map.entry("stacks", new Entry(Stacks::new, false, false)),
            Map.entry("pooling", new Entry(Pooling::new, false, false)),
            Map.entry("objects", new Entry(Objects::new, false, true)),
            Map.entry("maps", new Entry(Maps::new, false, true)),
            Map.entry("finalizers", new Entry(Finalizers::new, false, true)),
            Map.entry("stores", new Entry(Stores::new, false, true)),
            Map.entry("recording", new Entry(Recording::new, false, false)));

    /** Makes one workload per thread, or complains of the request. */
    static Workload[] construct(Request request) {
        Entry known = WORKLOADS.get(request.workload);
        if (known == null) {
            throw new Request.Wrong("workload", request.workload + " is unknown");
        }
        if (request.open && !known.open) {
            throw new Request.Wrong("mode", request.workload + " runs in closed loop only");
        }
        if (request.threads > 1 && known.alone) {
            throw new Request.Wrong("threads", request.workload + " runs on one, since it looks at the whole heap");
        }
        if (request.drag > 0 && request.workload.equals("fragment")) {
            throw new Request.Wrong("drag_permille", "is not for fragment");
        }
        if (request.returnMs > 0 && !request.workload.equals("fragment")) {
            throw new Request.Wrong("return_ms", "is for fragment only");
        }
        if (!request.force && !request.workload.equals("fragment")) {
            throw new Request.Wrong("force", "can be 0 for fragment only");
        }
        if (request.probe > 0 && !request.workload.equals("fragment")) {
            throw new Request.Wrong("probe_bytes", "is for fragment only");
        }
        Workload[] works = new Workload[request.threads];
        for (int t = 0; t < works.length; t++) {
            works[t] = known.constructor.make(request, t);
        }
        request.leftover();
        return works;
    }
}
