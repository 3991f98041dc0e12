package gcrucible.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same answers as go/golden_test.go, to the same requests. */
class GoldenTest {
    @ParameterizedTest
    @CsvSource({
        "churn, p.lifetime=random, 6d15314df59a5999, 100837, 4188396",
        "churn, p.lifetime=oldest, c397e49f4afb3216, 105899, 4192421",
        "churn, p.pointers=0, 4cc6398b3f63b982, 80748, 4188879",
        "graph, p.mutations=4, 7661b02073782de4, 25600, 262080",
        "slices, p.layout=pointers, 78df50c682c5edd5, 1474560, 4177920",
        "slices, p.layout=values, 9a3efe01370b4e4b, 1310720, 4194304",
        "cache, p.eviction=oldest, 2727415471a75ac1, 60809, 4200686",
        "cache, p.eviction=random, ba6b74b145e45524, 62095, 4201392",
        "trees, p.retain_permille=300, e8be350551b09451, 327040, 4194288",
        "fragment, p.shape=growing, bd816a115a1f95b0, 29897786, 1048794",
        "fragment, p.shape=shrinking, 1048c9220c104c59, 29880318, 1048859",
        "fragment, p.shape=mixed, a09519e72b0994ca, 29894875, 1048944",
        "fragment, p.layout=stripes, df66850b93e40fa4, 30010210, 1048737",
        "fragment, p.contents=pointers, 004e3daed13ca23b, 15678872, 1048712",
        "fragment, p.handoff=1, cb25431e446350a2, 29897786, 1048794",
        "fragment, p.size_limit=1048576, 12bfcb3ad08ba71f, 34073943, 1048846",
        "stacks, p.kind=platform, fd707f9a3f80764b, 84480, 4194288"
    })
    void goldenAnswers(String workload, String change, String checksum, String requested, String live) {
        Requests.Answer answer = Requests.answer(workload, change);
        assertEquals(checksum, answer.get("checksum"));
        assertEquals(requested, answer.get("requested_bytes"));
        assertEquals(live, answer.get("live_bytes"));
    }
}
