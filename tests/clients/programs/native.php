<?php
// native.php CONTRIB SOCKET KEY
require "$argv[1]/hamlet.php";
$hamlet = new Hamlet\Client($argv[2], $argv[3]);
$ids = [];
while ($line = fgets(STDIN)) {
	$call = json_decode($line, true);
	$content = $call['comment']['content'];
	if ($call['call'] === 'check') {
		$verdict = $hamlet->check($call['comment']);
		$ids[$content] = $verdict['id'];
		echo $verdict['verdict'], "\n";
	} else {
		echo $hamlet->feedback($ids[$content], $call['call'])['changed'] ? 'thanked' : 'nothing new', "\n";
	}
}
