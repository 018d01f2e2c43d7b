<?php
// A must-use plugin that keeps the tests' WordPress to itself: no mail, one page in the whole world, no waiting between comments, anonymous
// comments by the REST API, and errors of pingbacks told.
add_filter('pre_wp_mail', '__return_true');
add_filter('rest_allow_anonymous_comments', '__return_true');
remove_filter('comment_flood_filter', 'wp_throttle_comment_flood', 10);
remove_filter('xmlrpc_pingback_error', 'xmlrpc_pingback_error');
add_filter('pre_http_request', function ($answer, $args, $url) {
	$host = parse_url($url, PHP_URL_HOST);
	if ($host === '198.51.100.7') {
		$page = '<html><head><title>Another blog</title></head><body><p>I read about it <a href="' . home_url('/?p=1') . '">over there</a>, and agree.</p></body></html>';
		return ['headers' => [], 'body' => $page, 'response' => ['code' => 200, 'message' => 'OK'], 'cookies' => [], 'filename' => null];
	}
	return preg_match('~akismet\.com$|^hamlet\.invalid$~', $host) ? $answer : new WP_Error('http_failure', 'not in the tests');
}, 5, 3);
