"""Starts ngircd, the IRC server of Debian, on a port: the reference of specs/irc.yaml is a server that thousands of people use.

    python3 start.py 5000

What ngircd is told stands in a file; this one is written for the port that was asked for, and then ngircd takes this program's
place. It asks no name server who its clients are, and makes nobody wait who says much (MaxPenaltyTime).
"""

import os
import sys
import tempfile

SETTINGS = """\
[Global]
    Name = irc.example.net
    Info = The reference
    AdminEMail = nobody@example.net
    Listen = 127.0.0.1
    Ports = {port}
    ServerUID = {user}
    ServerGID = {group}
[Limits]
    MaxPenaltyTime = 0
    MaxConnectionsIP = 0
    MaxJoins = 0
    PingTimeout = 3600
[Options]
    DNS = no
    Ident = no
    PAM = no
"""


def main():
    place = os.path.join(tempfile.mkdtemp(), "ngircd.conf")
    # It does not want to be root, and would look for a user called nobody. Whoever runs this, or nobody's number, will do.
    user, group = os.getuid() or 65534, os.getgid() or 65534
    with open(place, "w", encoding="ascii") as file:
        file.write(SETTINGS.format(port=int(sys.argv[1]), user=user, group=group))
    os.execv("/usr/sbin/ngircd", ["ngircd", "--nodaemon", "--passive", "--config", place])


if __name__ == "__main__":
    main()
