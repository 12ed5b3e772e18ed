//! Compares congestion controllers over simulated links, in virtual time, with noq itself: goodput of one flow, and
//! shares beside flows of CUBIC. Prints Markdown. `npm run bench:congestion -- --help`

mod controllers;
mod flow;
mod identity;
mod link;
mod random;
mod simulation;
mod tables;

#[path = "../../../../native/src/congestion.rs"]
mod shipped;

use std::process::exit;

const HELP: &str =
    "npm run bench:congestion -- [--table goodput|special|shares] [--link TEXT] [--controller TEXT] [--quick]

  --table       one table
  --link        the links with this text in their names
  --controller  the controllers with this text in their names
  --quick       a quarter of the bytes and of the time: to see that it works
";

fn main() {
    let mut wanted =
        tables::Wanted { table: String::new(), link: String::new(), controller: String::new(), divisor: 1 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let text = match word.as_str() {
            "--table" => &mut wanted.table,
            "--link" => &mut wanted.link,
            "--controller" => &mut wanted.controller,
            "--quick" => {
                wanted.divisor = 4;
                continue;
            }
            _ => help(),
        };
        *text = words.next().unwrap_or_else(|| help());
    }
    tables::print(&wanted);
}

fn help() -> ! {
    eprint!("{HELP}");
    exit(2);
}
