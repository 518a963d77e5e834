//! [`Forwarder`]: a TCP address that leads to another port, like a DNS name that can be moved.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

pub struct Forwarder {
    pub port: u16,
    target: Arc<AtomicU16>,
}

impl Forwarder {
    /// Forwards the connections to a free port to this port.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let forwarder = Forwarder {
            port: listener.local_addr().expect("an address").port(),
            target: Arc::new(AtomicU16::new(port)),
        };
        let target = Arc::clone(&forwarder.target);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let server = TcpStream::connect(("127.0.0.1", target.load(Ordering::SeqCst)));
                if let (Ok(client), Ok(server)) = (client, server) {
                    let copies = [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))];
                    for (from, to) in copies {
                        let (from, to) = (from.expect("a copy"), to.expect("a copy"));
                        std::thread::spawn(move || copy(from, to));
                    }
                }
            }
        });
        forwarder
    }

    /// Forwards new connections to another port. The existing connections stay.
    pub fn move_to(&self, port: u16) {
        self.target.store(port, Ordering::SeqCst);
    }
}

/// Copies bytes until one side closes its connection.
fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}
