<?php
// For PHP's own web server: files as they are, all else by WordPress.
$path = $_SERVER['DOCUMENT_ROOT'] . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($path) || is_file("$path/index.php")) {
	return false;
}
include $_SERVER['DOCUMENT_ROOT'] . '/index.php';
