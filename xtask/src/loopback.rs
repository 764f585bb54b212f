//! A network that holds only this computer, for programs from elsewhere: what they try to send to others goes nowhere. Where
//! the system does not allow one, they run as they are.

use std::process::Command;

use crate::process;

/// A new network has a loopback device that is switched off.
const WITH_LOOPBACK: &str = r#"ip link set lo up && exec "$@""#;

/// How to ask for a network of one's own: as root, and as anybody else.
const WAYS: [&[&str]; 2] = [&["--net"], &["--map-root-user", "--net"]];

/// `command` in a network of its own where that is possible, else as it is.
pub(crate) fn only(command: Command) -> Command {
    let possible = WAYS.into_iter().find(|way| {
        let mut probe = process::inside(network(way), &Command::new("true"));
        probe.output().is_ok_and(|output| output.status.success())
    });
    match possible {
        Some(way) => process::inside(network(way), &command),
        None => command,
    }
}

fn network(way: &[&str]) -> Command {
    let mut outer = Command::new("unshare");
    outer.args(way).args(["--", "sh", "-c", WITH_LOOPBACK, "sh"]);
    outer
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::process::Command;

    use super::only;

    #[test]
    fn a_command_in_a_network_of_its_own_does_not_reach_this_one() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut reach = Command::new("bash");
        reach.args(["-c", &format!("exec 3<>/dev/tcp/127.0.0.1/{}", listener.local_addr().unwrap().port())]);
        let mut alone = only(reach);
        let has_own = alone.get_program() == "unshare";
        let reached = alone.output().unwrap().status.success();
        assert_eq!(reached, !has_own, "{alone:?}");
    }
}
