//! Answers `GET /metrics`, on a thread of its own that sleeps until somebody connects.
//!
//! It is of the lowest priority, takes no more connections than [`SEATS`] at a time and [`PAUSE`] apart, and lets go of each after [`PATIENCE`]:
//! a client that is slow, or asks without end, keeps other clients waiting and never the run, which waits for no client.
//!
//! Of hyper, which can be given time limits; tiny_http has none, and keeps four threads waiting.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::Board;
use super::board::Scrape;
use super::text;
use crate::artifact::unit::Ns;

pub const PATH: &str = "/metrics";
/// Connections at a time; others wait in the kernel's queue.
const SEATS: usize = 8;
/// A scrape takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two connections: at most 20 a second are answered.
const PAUSE: Duration = Duration::from_millis(50);
/// Of request line and headers.
const LONGEST_HEAD: usize = 16 << 10;
const WEAKEST: i32 = 19;

/// Ends with all of its connections when dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens from now on. Errors: the address is in use or not of this machine, or the port is not for everyone.
    pub fn start(address: SocketAddr, board: Arc<Board>) -> io::Result<Server> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            // Of this thread alone: on Linux, each has a priority of its own.
            let _ = rustix::process::setpriority_process(None, WEAKEST);
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    _ = accept(listener, board) => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("metrics".into()).spawn(serve)?;
        Ok(Server {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// With the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, board: Arc<Board>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let seats = Arc::new(Semaphore::new(SEATS));
    while let Ok(seat) = seats.clone().acquire_owned().await {
        // An error is of one connection, or of a process without descriptors to spare: the next one may fare better.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, board.clone(), seat));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn answer(stream: TcpStream, board: Arc<Board>, _seat: OwnedSemaphorePermit) {
    let respond = |request: Request<_>| {
        let response = response(&request, &board);
        async move { Ok::<_, Infallible>(response) }
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service_fn(respond));
    let _ = tokio::time::timeout(PATIENCE, connection).await;
}

fn response<B>(request: &Request<B>, board: &Board) -> Response<Full<Bytes>> {
    let plain = |status: StatusCode, words: &'static str| {
        let mut response = Response::new(Full::from(words));
        *response.status_mut() = status;
        let kind = hyper::header::HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    };
    if request.uri().path() != PATH {
        return plain(
            StatusCode::NOT_FOUND,
            "gcrucible serves /metrics and nothing else\n",
        );
    }
    // hyper leaves the body away for HEAD.
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "/metrics is for GET and HEAD\n");
        let allowed = hyper::header::HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
        return response;
    }
    let Ok(written) = text::of(board.snapshot()) else {
        return plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the metrics could not be written\n",
        );
    };
    let mut response = Response::new(Full::from(written));
    let kind = hyper::header::HeaderValue::from_static(text::CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    board.answered(scrape());
    response
}

thread_local! {
    /// CPU of this thread up to the scrape before.
    static ACCOUNTED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// What was spent since the one before, on requests for other paths and on slow clients as well.
fn scrape() -> Scrape {
    use rustix::time::{ClockId, clock_gettime};
    let ns = |clock| {
        let t = clock_gettime(clock);
        t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
    };
    let spent = ns(ClockId::ThreadCPUTime);
    let before = ACCOUNTED.replace(spent);
    Scrape {
        at: Ns(ns(ClockId::Monotonic)),
        cpu: Ns(spent.saturating_sub(before)),
    }
}
