<?php
/** A client of Hamlet for blog software in PHP, 7.4 or later, with the cURL extension. */

namespace Hamlet;

/** Hamlet can't be reached, or refused; hold the comment for a moderator and ask again later. */
class Failure extends \RuntimeException
{
}

class Client
{
	private string $path;
	private string $key;

	/** $key: the blog's key; without one comments belong to the site "default". */
	public function __construct(string $path = '/var/lib/hamlet/hamlet.sock', string $key = '')
	{
		$this->path = $path;
		$this->key = $key;
	}

	/**
	 * Judge a comment: an array with content and what else is known (author, email, url, ip, user_agent, permalink...).
	 * Returns an array with id (keep it with the comment), verdict ("ham", "unsure" or "spam"), probability and evidence.
	 */
	public function check(array $comment): array
	{
		return $this->post('/v1/check', $comment);
	}

	/** Say what the comment was: "spam" or "ham". */
	public function feedback(string $id, string $label): array
	{
		return $this->post('/v1/feedback', ['id' => $id, 'label' => $label]);
	}

	private function post(string $path, array $value): array
	{
		$headers = ['Content-Type: application/json'];
		if ($this->key !== '') {
			$headers[] = "Authorization: Bearer $this->key";
		}
		$curl = curl_init("http://localhost$path");
		curl_setopt_array($curl, [
			CURLOPT_UNIX_SOCKET_PATH => $this->path,
			CURLOPT_POSTFIELDS => json_encode($value, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE),
			CURLOPT_HTTPHEADER => $headers,
			CURLOPT_RETURNTRANSFER => true,
			CURLOPT_TIMEOUT => 5,
			CURLOPT_PROXY => '',
		]);
		$body = curl_exec($curl);
		if ($body === false) {
			throw new Failure(curl_error($curl));
		}
		$answer = json_decode($body, true);
		if (curl_getinfo($curl, CURLINFO_RESPONSE_CODE) !== 200 || !is_array($answer)) {
			throw new Failure($answer['error']['message'] ?? 'an answer that makes no sense');
		}
		return $answer;
	}
}
