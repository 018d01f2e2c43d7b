"""Net::Akismet, Debian's libnet-akismet-perl, unmodified."""
import subprocess

import pytest

from harness import DEADLINE, HAM, SPAM
from names import with_names

SCRIPT = r"""
use strict; use warnings;
use Net::Akismet;
my ($service, $key, $author, $email, $url, $spam, $ham) = @ARGV;
my $wrong = Net::Akismet->new(SERVICE_HOST => $service, KEY => 'ffffffffffff', URL => 'http://blog.example.com/');
print "wrong key: ", defined $wrong ? "taken" : "refused", "\n";
my $akismet = Net::Akismet->new(SERVICE_HOST => $service, KEY => $key, URL => 'http://blog.example.com/') or die "key refused\n";
print "key: valid\n";
my %spam = (USER_IP => '203.0.113.7', COMMENT_USER_AGENT => 'Mozilla/5.0 Example', COMMENT_AUTHOR => $author, COMMENT_AUTHOR_EMAIL => $email,
            COMMENT_AUTHOR_URL => $url, COMMENT_CONTENT => $spam);
my %ham = (USER_IP => '203.0.113.8', COMMENT_USER_AGENT => 'Mozilla/5.0 Example', COMMENT_AUTHOR => 'Anna', COMMENT_CONTENT => $ham);
for (['spam', \%spam], ['ham', \%ham]) {
	my $verdict = $akismet->check(%{$_->[1]});
	print "$_->[0]: ", defined $verdict ? $verdict : 'undef', "\n";
}
print "submit spam: ", $akismet->spam(%ham) ? "thanked" : "failed", "\n";
print "submit ham: ", $akismet->ham(%ham) ? "thanked" : "failed", "\n";
"""


def test_net_akismet(daemon):
    try:
        if subprocess.run(["perl", "-MNet::Akismet", "-e", "1"], stderr=subprocess.DEVNULL).returncode != 0:
            pytest.skip("libnet-akismet-perl isn't installed")
    except FileNotFoundError:
        pytest.skip("perl isn't installed")
    key = daemon.add_site("blog")
    args = [f"akismet.test:{daemon.port}", key, SPAM["author"], SPAM["email"], SPAM["url"], SPAM["content"], HAM["content"]]
    done = with_names(["akismet.test", f"{key}.akismet.test", "ffffffffffff.akismet.test"], ["perl", "-e", SCRIPT, *args], timeout=DEADLINE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["wrong key: refused", "key: valid", "spam: true", "ham: false", "submit spam: thanked", "submit ham: thanked"]
    assert daemon.count() == 2
    assert daemon.query("SELECT label FROM example WHERE origin = 'akismet' ORDER BY seq") != []
