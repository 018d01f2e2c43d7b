<?php
// The WordPress of the tests: what differs from run to run is in settings.json beside it, what differs from request to request in headers.
$test = json_decode(file_get_contents(__DIR__ . '/settings.json'), true);
$table_prefix = 'wp_';
define('DB_NAME', 'wp');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . $test['database']);
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) {
	define($name, "a test's $name");
}
define('WP_HOME', $test['home']);
define('WP_SITEURL', $test['home']);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WPMU_PLUGIN_DIR', __DIR__ . '/wp-content/' . ($_SERVER['HTTP_X_TEST_PLUGINS'] ?? 'mu-plugins'));
if (isset($_SERVER['HTTP_X_TEST_ADDRESS'])) {
	define('HAMLET_ADDRESS', $_SERVER['HTTP_X_TEST_ADDRESS']);
}
// The line of the README goes here.
$_SERVER['REMOTE_ADDR'] = $_SERVER['HTTP_X_TEST_IP'] ?? '203.0.113.7';
if (!defined('ABSPATH')) {
	define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
