//! The server: to whom it answers, and whom it does not wait for.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use gcrucible::expose::catalog::EXPOSED;
use gcrucible::expose::server::Server;
use gcrucible::expose::text::CONTENT_TYPE;

use super::prometheus::Prometheus;
use super::scrape::{ask, series};
use super::told;

/// What a name can hold that text has to be careful with.
const HOSTILE: &str = "a \"cell\", {with=\\x} of\nlines\\n # ü → 🦀";

fn serve(collector: &str, cell: &str) -> Server {
    let board = Arc::new(told::board(collector, cell));
    Server::start("127.0.0.1:0".parse().unwrap(), board).unwrap()
}

#[test]
fn prometheus_takes_each_metric_with_its_type_unit_help_and_labels() {
    let server = serve("x\\", HOSTILE);
    let Some(prometheus) = Prometheus::start(server.address()) else {
        return;
    };
    let found = prometheus
        .ask("/api/v1/series?match[]=%7Bjob%3D%22gcrucible%22%2C__name__%3D~%22gcrucible_.%2B%22%7D");
    let found = found.as_array().unwrap();
    let metadata = prometheus.ask("/api/v1/metadata");
    for row in EXPOSED {
        let of = &metadata[row.family()][0];
        assert_eq!(of["type"], row.kind.id(), "{}: {of}", row.family());
        assert_eq!(of["help"], row.help, "{}", row.family());
        // Only who read it as OpenMetrics knows of units.
        assert_eq!(of["unit"], row.unit.map_or("", |u| u.id()), "{}", row.family());
        let name = match row.kind.id() {
            "histogram" => row.series() + "_count",
            _ => row.series(),
        };
        let mut series = found.iter().filter(|s| s["__name__"] == name).peekable();
        assert!(series.peek().is_some(), "{name} is not there");
        for labels in series {
            for label in row.labels {
                assert!(labels[label].is_string(), "{name} has no {label}: {labels}");
            }
            for (label, value) in [("cell", HOSTILE), ("suite", HOSTILE), ("collector", "x\\")] {
                assert!(
                    labels[label].is_null() || labels[label] == value,
                    "{name}: {labels}"
                );
            }
        }
    }
}

#[test]
fn the_queries_of_the_manual_find_something() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/LIVE.md")).unwrap();
    let queries: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("sum(rate("))
        .take_while(|line| !line.starts_with("```"))
        .collect();
    assert_eq!(queries.len(), 4);
    let server = serve("x", "a");
    let Some(prometheus) = Prometheus::start(server.address()) else {
        return;
    };
    for query in queries {
        let found = prometheus.query(query);
        let value = found[0]["value"][1].as_str().and_then(|v| v.parse::<f64>().ok());
        assert!(value.is_some_and(f64::is_finite), "{query}: {found}");
    }
}

#[test]
fn other_paths_and_methods_are_told_what_there_is() {
    let server = serve("x", "a");
    let answer = |method, path| ask(server.address(), method, path).unwrap();
    let found = answer("GET", "/metrics");
    assert_eq!(
        (found.status, found.header("content-type")),
        (200, Some(CONTENT_TYPE))
    );
    let head = answer("HEAD", "/metrics");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-type"), Some(CONTENT_TYPE));
    let length: usize = head.header("content-length").unwrap().parse().unwrap();
    assert!(length.abs_diff(found.body.len()) < 64, "{length}");
    for path in ["/", "/metrics/", "/favicon.ico"] {
        let none = answer("GET", path);
        assert_eq!(none.status, 404, "{path}");
        assert!(none.body.contains("/metrics"), "{path}: {}", none.body);
    }
    let post = answer("POST", "/metrics");
    assert_eq!((post.status, post.header("allow")), (405, Some("get, head")));
    let with_query = answer("GET", "/metrics?name=x");
    assert_eq!(with_query.status, 200);
}

#[test]
fn an_answer_counts_the_ones_before_it() {
    let server = serve("x", "a");
    let counted = || {
        let all = series(&ask(server.address(), "GET", "/metrics").unwrap().body);
        let of = |name: &str| all[&(name.to_owned(), Default::default())];
        (
            of("gcrucible_scrapes_total"),
            of("gcrucible_serving_cpu_seconds_total"),
        )
    };
    let (first, second) = (counted(), counted());
    assert_eq!((first.0, second.0), (1.0, 2.0), "the board came with one");
    assert!(second.1 > first.1, "{first:?} {second:?}");
}

fn connect(address: SocketAddr, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(words.as_bytes()).unwrap();
    stream
}

#[test]
fn clients_that_stall_flood_or_babble_hold_up_neither_the_run_nor_its_end() {
    let board = Arc::new(told::board("x", "a"));
    let server = Server::start("127.0.0.1:0".parse().unwrap(), board.clone()).unwrap();
    let stalled: Vec<TcpStream> = [
        "",
        "GET /metr",
        "GET /metrics HTTP/1.1\r\nx: ",
        "POST /metrics HTTP/1.1\r\ncontent-length: 9\r\n\r\n",
    ]
    .into_iter()
    .cycle()
    .take(16)
    .map(|words| connect(server.address(), words))
    .collect();
    let mut flood = TcpStream::connect(server.address()).unwrap();
    flood
        .set_write_timeout(Some(std::time::Duration::from_secs(1)))
        .unwrap();
    let _ = (0..1000).try_for_each(|_| flood.write_all(&[b'a'; 4096]));
    // The run goes on meanwhile...
    board.tell(|told| *told.outcomes.entry("finished".into()).or_default() += 1);
    assert_eq!(board.snapshot().told.outcomes["finished"], 2);
    // ...and who asks properly is answered when those have lost their seats.
    assert_eq!(ask(server.address(), "GET", "/metrics").unwrap().status, 200);
    let late: Vec<TcpStream> = (0..16).map(|_| connect(server.address(), "GET /met")).collect();
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    for mut stream in stalled.into_iter().chain(late) {
        let _ = stream.read(&mut [0; 16]);
    }
}
