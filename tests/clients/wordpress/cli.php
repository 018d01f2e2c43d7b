<?php
// cli.php SITE install | eval CODE: WordPress from the command line; what CODE returns is printed as JSON.
[, $site, $what] = $argv;
$_SERVER += ['HTTP_HOST' => 'localhost', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
if ($what === 'install') {
	define('WP_INSTALLING', true);
	require "$site/wp-load.php";
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	wp_install('Test', 'admin', 'admin@example.com', true, '', 'pw');
	update_option('comment_previously_approved', 0);
	update_option('comment_moderation', 0);
	update_option('comment_max_links', 0);
	update_option('require_name_email', 1);
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	activate_plugin('akismet/akismet.php');
} else {
	require "$site/wp-load.php";
	require_once ABSPATH . 'wp-admin/includes/plugin.php';
	echo json_encode(eval($argv[3]));
}
