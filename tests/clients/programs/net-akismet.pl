# net-akismet.pl HOST:PORT KEY
use strict;
use warnings;
use JSON::PP;
use Net::Akismet;

my ($service, $key) = @ARGV;
my $akismet;
$| = 1;

sub client { return Net::Akismet->new(SERVICE_HOST => $service, KEY => shift, URL => 'http://blog.example.com/') }

sub fields {
	my ($comment) = @_;
	return (
		USER_IP => '203.0.113.7',
		COMMENT_USER_AGENT => 'Mozilla/5.0 Example',
		COMMENT_AUTHOR => $comment->{author},
		COMMENT_AUTHOR_EMAIL => $comment->{email},
		COMMENT_AUTHOR_URL => $comment->{url},
		COMMENT_CONTENT => $comment->{content},
	);
}

my %handlers = (
	verify => sub { return client($_[0]{key}) ? 'valid' : 'invalid' },
	check => sub { return {true => 'spam', false => 'ham'}->{$akismet->check(fields($_[0]{comment})) // ''} // 'odd' },
	spam => sub { return $akismet->spam(fields($_[0]{comment})) ? 'thanked' : 'failed' },
	ham => sub { return $akismet->ham(fields($_[0]{comment})) ? 'thanked' : 'failed' },
);

$akismet = client($key) or die "key refused\n";
while (my $line = <STDIN>) {
	my $call = decode_json($line);
	print $handlers{$call->{call}}->($call), "\n";
}
