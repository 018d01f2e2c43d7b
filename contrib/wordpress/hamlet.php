<?php
/**
 * Plugin Name: Hamlet
 * Description: Has Hamlet, on this machine, judge comments in place of akismet.com, and shows its reasons. Works with the Akismet plugin.
 * Version: 1.0
 * License: ISC
 *
 * A must-use plugin: copy it to wp-content/mu-plugins/. In wp-config.php, where the defaults don't fit:
 *
 *   define('HAMLET_SOCKET', '/var/lib/hamlet/hamlet.sock');   // hamletd's Unix socket
 *   define('HAMLET_ADDRESS', '127.0.0.1:8765');               // or its TCP address instead
 */

defined('ABSPATH') || exit;

final class Hamlet
{
	const META = 'hamlet_verdict';
	const SHOWN = 20;

	/** @var string The verdict on the comment that isn't stored yet. */
	private static $latest = '';

	public static function start()
	{
		add_filter('pre_http_request', [self::class, 'refuse_without_curl'], 10, 3);
		add_action('http_api_curl', [self::class, 'redirect'], 10, 3);
		add_filter('http_response', [self::class, 'notice_verdict'], 10, 3);
		add_action('wp_insert_comment', [self::class, 'keep_verdict']);
		add_filter('comment_row_actions', [self::class, 'add_link'], 20, 2);
		add_action('add_meta_boxes_comment', [self::class, 'add_box']);
	}

	// -- The way to Hamlet

	private static function is_ours($url)
	{
		return (bool) preg_match('~^(hamlet\.invalid|([^.]+\.)?rest\.akismet\.com)$~i', (string) parse_url($url, PHP_URL_HOST));
	}

	/** Without cURL a request would go to the real akismet.com: it fails instead, and the comment is held. */
	public static function refuse_without_curl($answer, $args, $url)
	{
		if (self::is_ours($url) && !function_exists('curl_exec')) {
			return new WP_Error('http_failure', "Hamlet can't be asked without PHP's cURL extension");
		}
		return $answer;
	}

	public static function redirect($curl, $args, $url)
	{
		if (!self::is_ours($url)) {
			return;
		}
		curl_setopt($curl, CURLOPT_URL, preg_replace('~^https:~i', 'http:', $url));
		curl_setopt($curl, CURLOPT_PROXY, '');
		if (defined('HAMLET_ADDRESS')) {
			curl_setopt($curl, CURLOPT_CONNECT_TO, ['::' . HAMLET_ADDRESS]);
		} else {
			curl_setopt($curl, CURLOPT_UNIX_SOCKET_PATH, defined('HAMLET_SOCKET') ? HAMLET_SOCKET : '/var/lib/hamlet/hamlet.sock');
		}
	}

	// -- Which verdict belongs to which comment

	/** A check of a stored comment names it; any other is of the comment that is stored next. */
	public static function notice_verdict($response, $args, $url)
	{
		if (!self::is_ours($url) || !preg_match('~/comment-check$~', (string) parse_url($url, PHP_URL_PATH))) {
			return $response;
		}
		self::$latest = (string) wp_remote_retrieve_header($response, 'x-akismet-guid');
		wp_parse_str(is_string($args['body']) ? $args['body'] : '', $fields);
		if (!empty($fields['comment_ID'])) {
			self::keep_verdict((int) $fields['comment_ID']);
		}
		return $response;
	}

	public static function keep_verdict($comment_id)
	{
		if (preg_match('/^[0-9a-f]{32}$/', self::$latest)) {
			update_comment_meta($comment_id, self::META, self::$latest);
		}
		self::$latest = '';
	}

	// -- The comment screens

	/** The verdict of a comment: what Hamlet recorded, or a text that says why there is nothing. */
	private static function ask($comment)
	{
		$guid = get_comment_meta($comment->comment_ID, self::META, true);
		if (!$guid) {
			return "Hamlet hasn't judged this comment.";
		}
		$key = class_exists('Akismet') ? Akismet::get_api_key() : '';
		$response = wp_remote_get("http://hamlet.invalid/v1/verdicts/$guid", ['timeout' => 3, 'headers' => ['Authorization' => "Bearer $key"]]);
		if (is_wp_error($response)) {
			return "Hamlet can't be asked: " . $response->get_error_message();
		}
		$verdict = json_decode(wp_remote_retrieve_body($response), true);
		if (wp_remote_retrieve_response_code($response) !== 200 || !isset($verdict['evidence'])) {
			return isset($verdict['error']['message']) ? 'Hamlet says: ' . $verdict['error']['message'] : "Hamlet's answer makes no sense.";
		}
		return $verdict;
	}

	/** Whether it is spam, how probable, and the strongest reasons for and against. */
	private static function sentence(array $verdict)
	{
		$for = $against = [];
		foreach ($verdict['evidence'] as $item) {
			$reason = "{$item['field']} \u{201c}{$item['token']}\u{201d}";
			$item['weight'] > 0 ? $for[] = $reason : $against[] = $reason;
		}
		$text = sprintf('%s, spam with a probability of %s %%.', ucfirst($verdict['verdict']), self::number(100 * $verdict['probability'], 2));
		foreach (['For spam' => $for, 'Against' => $against] as $word => $reasons) {
			$text .= $reasons ? " $word: " . implode(', ', array_slice($reasons, 0, 4)) . '.' : '';
		}
		return $text;
	}

	private static function number($value, $decimals)
	{
		return number_format_i18n($value, $decimals);
	}

	public static function add_link($actions, $comment)
	{
		if (current_user_can('edit_comment', $comment->comment_ID) && get_comment_meta($comment->comment_ID, self::META, true)) {
			$verdict = self::ask($comment);
			$actions['hamlet'] = sprintf('<a href="%s" title="%s">Hamlet%s</a>', esc_url(get_edit_comment_link($comment) . '#hamlet'),
				esc_attr(is_array($verdict) ? self::sentence($verdict) : $verdict), is_array($verdict) ? ': ' . esc_html($verdict['verdict']) : '');
		}
		return $actions;
	}

	public static function add_box()
	{
		add_meta_box('hamlet', 'Hamlet', [self::class, 'show_box'], 'comment', 'normal');
	}

	public static function show_box($comment)
	{
		$verdict = self::ask($comment);
		echo '<p>', esc_html(is_array($verdict) ? self::sentence($verdict) : $verdict), '</p>';
		if (!is_array($verdict)) {
			return;
		}
		echo '<table class="widefat striped"><thead><tr><th>Field</th><th>Token</th><th>Weight</th></tr></thead><tbody>';
		foreach (array_slice($verdict['evidence'], 0, self::SHOWN) as $item) {
			printf('<tr><td>%s</td><td>%s</td><td>%s</td></tr>', esc_html($item['field']), esc_html($item['token']),
				esc_html(($item['weight'] > 0 ? '+' : '') . self::number($item['weight'], 2)));
		}
		printf('</tbody></table><p>All of it: <code>hamlet explain %s</code></p>', esc_html($verdict['id']));
	}
}

Hamlet::start();
