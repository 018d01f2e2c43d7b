#include "config.h"

#include "daemon/privacy_words.h"

static const struct privacy_words words[] = {
	{
	    .language = "en",
	    .own_name = "English",
	    .title = "How your comment data is processed",
	    .this_site = "this site",
	    .intro = "Comments on {} are checked for spam by Hamlet, a program that runs on the site’s own machine. "
		     "No other service is asked, and nothing you write is sent to anyone for this check.",

	    .stored_title = "What is stored, why, and for how long",
	    .stored_intro = "Each comment is recorded together with the verdict on it, as far as the site hands the "
			    "following over. When its time has passed, each part is deleted by itself.",
	    .part = {
		[RETAINED_CONTENT] = { "The text of your comment, with its page, date and language",
		    "It is what the check looks at. It is kept so that a wrong verdict can be found and put right." },
		[RETAINED_PERSON] = { "Your name, e-mail address and web address, as you gave them",
		    "Spam often shows in them, and they tell the site’s owner whose comment was held back." },
		[RETAINED_ADDRESS] = { "Your IP address, the name of your browser, and the page you came from",
		    "They help to see through an attack while it lasts. The filter learns nothing from them." },
		[RETAINED_EVIDENCE] = { "The words and signs the verdict rests on",
		    "They make it possible to explain each verdict, down to the single word." },
	    },
	    .kept = "Kept for {}",
	    .record = { "The verdict itself: when, good, unsure or spam, and how probable",
		"It shows what the filter did, and the record is sealed, so that nobody can change it unseen; therefore this "
		"part is never deleted. Of what was deleted only a check value stays, from which it can’t be worked "
		"out. Without the parts above it says nothing about you." },
	    .record_kept = "Kept as long as the site keeps its record",
	    .example = { "Examples",
		"When the site’s owner corrects a verdict, the comment becomes an example that later verdicts learn "
		"from. Its text, name, e-mail address and web address are then needed to take the lesson back "
		"exactly; IP address, browser name and referring page go after their usual time." },
	    .example_kept = "Kept until the correction is taken back and the time for texts has passed, or you ask for it to be erased",
	    .hour = "1 hour", .hours = "{} hours", .day = "1 day", .days = "{} days",
	    .forever = "as long as the site’s owner does not delete it",

	    .decision_title = "How it is decided",
	    .decision = "The filter estimates how probably a comment is spam, from comments that people have labelled. "
			"The site’s owner can see every verdict and correct it.",
	    .unsure_is_ham = "A comment it is unsure about is treated as a good one.",
	    .unsure_is_spam = "A comment it is unsure about is treated as spam until someone has looked at it.",
	    .flood = "To notice spam that comes in bursts, digests of a comment’s text, links and IP address are remembered for up to {}.",
	    .rules = "The site’s owner has made rules of their own, which can decide in place of the filter.",
	    .discard = "Spam that is at least {} % certain may be dropped unseen.",

	    .who_title = "Who can see it",
	    .who = "Those who run this site and its machine. Not other commenters, not visitors, and not other sites "
		   "that are served by the same filter.",
	    .stays_title = "Nothing leaves the machine",
	    .stays = "The check, what it learns and what it records stay on the machine. There are no cookies, no "
		     "trackers, and no recipients elsewhere.",

	    .ask_title = "Your data: a copy, or gone",
	    .ask = "You may ask for everything that is held of you, as one file, or to have it erased. Say which "
		   "e-mail address, name or IP address you commented with.",
	    .ask_whom = "Write to {}.",
	    .ask_owner = "Ask the owner of the site.",
	    .erased = "Erasing removes your data from the record, takes back what the filter has learnt from your "
		      "comments, and leaves only that a comment was judged, and when.",
	    .backups = "Backups made before still hold what has been deleted since, by this or in its time, until "
		       "they are deleted themselves.",

	    .made_from = "This page is written from the settings in force.",
	    .languages = "Languages",
	    .as_json = "the same as JSON",
	},
	{
	    .language = "de",
	    .own_name = "Deutsch",
	    .title = "Wie deine Kommentardaten verarbeitet werden",
	    .this_site = "dieser Website",
	    .intro = "Kommentare auf {} werden von Hamlet auf Spam geprüft, einem Programm, das auf dem Rechner der "
		     "Website selbst läuft. Kein anderer Dienst wird gefragt, und nichts von dem, was du schreibst, "
		     "wird für diese Prüfung an andere gesendet.",

	    .stored_title = "Was gespeichert wird, wozu und wie lange",
	    .stored_intro = "Jeder Kommentar wird zusammen mit dem Urteil über ihn aufgezeichnet, soweit die Website "
			    "die folgenden Angaben weitergibt. Ist die jeweilige Frist um, wird jeder Teil für sich "
			    "gelöscht.",
	    .part = {
		[RETAINED_CONTENT] = { "Der Text deines Kommentars, mit Seite, Datum und Sprache",
		    "Den Text sieht sich die Prüfung an. Er bleibt gespeichert, damit ein falsches Urteil gefunden und "
		    "berichtigt werden kann." },
		[RETAINED_PERSON] = { "Name, E-Mail-Adresse und Webadresse, wie du sie angegeben hast",
		    "Spam verrät sich oft an ihnen, und sie zeigen der Betreiberin oder dem Betreiber, wessen "
		    "Kommentar zurückgehalten wurde." },
		[RETAINED_ADDRESS] = { "IP-Adresse, Name des Browsers und die Seite, von der du kamst",
		    "Sie helfen, einen Angriff zu durchschauen, solange er dauert. Der Filter lernt nichts aus ihnen." },
		[RETAINED_EVIDENCE] = { "Die Wörter und Merkmale, auf denen das Urteil beruht",
		    "Mit ihnen lässt sich jedes Urteil erklären, bis zum einzelnen Wort." },
	    },
	    .kept = "Aufbewahrt: {}",
	    .record = { "Das Urteil selbst: wann, gut, unsicher oder Spam, und wie wahrscheinlich",
		"Es zeigt, was der Filter getan hat, und das Protokoll ist versiegelt, damit niemand es unbemerkt ändern kann; "
		"deshalb wird dieser Teil nie gelöscht. Vom Gelöschten bleibt nur ein Prüfwert, aus dem es sich nicht "
		"erschließen lässt. Ohne die Teile oben sagt es nichts über dich." },
	    .record_kept = "Aufbewahrt, solange die Website ihr Protokoll führt",
	    .example = { "Beispiele",
		"Berichtigt jemand, der die Website betreibt, ein Urteil, so wird der Kommentar zum Beispiel, aus dem "
		"spätere Urteile lernen. Text, Name, E-Mail-Adresse und Webadresse werden dann gebraucht, um das "
		"Gelernte genau zurücknehmen zu können; IP-Adresse, Browsername und vorige Seite verschwinden nach "
		"der üblichen Frist." },
	    .example_kept = "Aufbewahrt, bis die Berichtigung zurückgenommen ist und die Frist für Texte um, oder bis du die Löschung verlangst",
	    .hour = "1 Stunde", .hours = "{} Stunden", .day = "1 Tag", .days = "{} Tage",
	    .forever = "solange, bis die Betreiberin oder der Betreiber der Website es löscht",

	    .decision_title = "Wie entschieden wird",
	    .decision = "Der Filter schätzt, wie wahrscheinlich ein Kommentar Spam ist, anhand von Kommentaren, die "
			"Menschen eingeordnet haben. Wer die Website betreibt, kann jedes Urteil sehen und berichtigen.",
	    .unsure_is_ham = "Ein Kommentar, bei dem er unsicher ist, gilt als guter.",
	    .unsure_is_spam = "Ein Kommentar, bei dem er unsicher ist, gilt als Spam, bis jemand ihn angesehen hat.",
	    .flood = "Um Spam zu bemerken, der in Schüben kommt, werden Prüfsummen von Text, Links und IP-Adresse eines Kommentars bis zu {} lang gemerkt.",
	    .rules = "Wer die Website betreibt, hat eigene Regeln aufgestellt, die anstelle des Filters entscheiden können.",
	    .discard = "Spam, der zu mindestens {} % sicher ist, kann ungesehen verworfen werden.",

	    .who_title = "Wer es sehen kann",
	    .who = "Diejenigen, die diese Website und ihren Rechner betreiben. Nicht andere Kommentierende, nicht "
		   "Besucher und nicht andere Websites, die denselben Filter benutzen.",
	    .stays_title = "Nichts verlässt den Rechner",
	    .stays = "Die Prüfung, was sie lernt und was sie aufzeichnet, bleiben auf dem Rechner. Es gibt keine "
		     "Cookies, keine Tracker und keine Empfänger anderswo.",

	    .ask_title = "Deine Daten: als Kopie oder gelöscht",
	    .ask = "Du kannst alles, was über dich gespeichert ist, als eine Datei verlangen, oder dass es gelöscht "
		   "wird. Nenne dazu die E-Mail-Adresse, den Namen oder die IP-Adresse, mit der du kommentiert hast.",
	    .ask_whom = "Schreibe an {}.",
	    .ask_owner = "Wende dich an die Betreiberin oder den Betreiber der Website.",
	    .erased = "Das Löschen entfernt deine Daten aus dem Protokoll und nimmt zurück, was der Filter aus deinen "
		      "Kommentaren gelernt hat. Es bleibt nur, dass ein Kommentar beurteilt wurde, und wann.",
	    .backups = "Sicherungskopien, die vorher gemacht wurden, enthalten noch, was seither so oder nach Ablauf "
		       "der Frist gelöscht wurde, bis sie selbst gelöscht werden.",

	    .made_from = "Diese Seite ist aus den geltenden Einstellungen geschrieben.",
	    .languages = "Sprachen",
	    .as_json = "dasselbe als JSON",
	},
	{
	    .language = "fr",
	    .own_name = "Français",
	    .title = "Comment les données de vos commentaires sont traitées",
	    .this_site = "ce site",
	    .intro = "Les commentaires publiés sur {} sont contrôlés par Hamlet, un filtre antispam qui fonctionne sur "
		     "la machine même du site. Aucun autre service n’est interrogé, et rien de ce que vous écrivez "
		     "n’est transmis à qui que ce soit pour ce contrôle.",

	    .stored_title = "Ce qui est conservé, pourquoi et combien de temps",
	    .stored_intro = "Chaque commentaire est enregistré avec le verdict rendu, dans la mesure où le site "
			    "transmet les éléments suivants. Chacun d’eux est effacé séparément lorsque son délai est "
			    "écoulé.",
	    .part = {
		[RETAINED_CONTENT] = { "Le texte de votre commentaire, avec sa page, sa date et sa langue",
		    "C’est le texte que le filtre examine. Il est conservé pour qu’un verdict erroné puisse être retrouvé "
		    "et corrigé." },
		[RETAINED_PERSON] = { "Votre nom, votre adresse e-mail et votre adresse web, tels que vous les avez "
				      "indiqués",
		    "Le spam s’y trahit souvent, et ils permettent au responsable du site de savoir de qui vient un "
		    "commentaire retenu." },
		[RETAINED_ADDRESS] = { "Votre adresse IP, le nom de votre navigateur et la page d’où vous venez",
		    "Ils aident à comprendre une attaque pendant qu’elle dure. Le filtre n’en apprend rien." },
		[RETAINED_EVIDENCE] = { "Les mots et les indices sur lesquels repose le verdict",
		    "Ils permettent d’expliquer chaque verdict, jusqu’au mot près." },
	    },
	    .kept = "Durée de conservation : {}",
	    .record = { "Le verdict lui-même : quand, bon, incertain ou spam, et avec quelle probabilité",
		"Il montre ce que le filtre a fait, et le registre est scellé, pour que personne ne puisse le modifier sans que "
		"cela se voie ; c’est pourquoi cette partie n’est jamais effacée. De ce qui a été effacé, il ne reste "
		"qu’une empreinte, dont on ne peut rien déduire. Sans les éléments ci-dessus, il ne dit rien de vous." },
	    .record_kept = "Conservé aussi longtemps que le site tient son registre",
	    .example = { "Les exemples",
		"Lorsque le responsable du site corrige un verdict, le commentaire devient un exemple dont le filtre "
		"apprend. Son texte, le nom, l’adresse e-mail et l’adresse web sont alors nécessaires pour pouvoir "
		"défaire exactement cet apprentissage ; l’adresse IP, le nom du navigateur et la page d’origine "
		"disparaissent après leur délai habituel." },
	    .example_kept = "Conservés jusqu’à ce que la correction soit retirée et le délai prévu pour les textes écoulé, ou que vous en demandiez l’effacement",
	    .hour = "1 heure", .hours = "{} heures", .day = "1 jour", .days = "{} jours",
	    .forever = "tant que le responsable du site ne les supprime pas",

	    .decision_title = "Comment la décision est prise",
	    .decision = "Le filtre estime la probabilité qu’un commentaire soit du spam, d’après des commentaires que "
			"des personnes ont classés. Le responsable du site peut voir chaque verdict et le corriger.",
	    .unsure_is_ham = "Un commentaire sur lequel il hésite est traité comme un bon commentaire.",
	    .unsure_is_spam = "Un commentaire sur lequel il hésite est traité comme du spam jusqu’à ce que quelqu’un "
			      "l’ait regardé.",
	    .flood = "Pour repérer le spam qui arrive par vagues, des empreintes du texte, des liens et de l’adresse IP d’un commentaire sont retenues pendant {} au plus.",
	    .rules = "Le responsable du site a établi ses propres règles, qui peuvent décider à la place du filtre.",
	    .discard = "Un spam certain à {} % au moins peut être supprimé sans être vu.",

	    .who_title = "Qui peut les voir",
	    .who = "Les personnes qui gèrent ce site et sa machine. Ni les autres commentateurs, ni les visiteurs, ni "
		   "les autres sites qui utilisent le même filtre.",
	    .stays_title = "Rien ne quitte la machine",
	    .stays = "Le contrôle, ce qu’il apprend et ce qu’il enregistre restent sur la machine. Il n’y a ni cookies, "
		     "ni traceurs, ni destinataires ailleurs.",

	    .ask_title = "Vos données : copie ou effacement",
	    .ask = "Vous pouvez demander tout ce qui est conservé à votre sujet, en un seul fichier, ou son effacement. "
		   "Indiquez l’adresse e-mail, le nom ou l’adresse IP avec lesquels vous avez commenté.",
	    .ask_whom = "Écrivez à {}.",
	    .ask_owner = "Adressez-vous au responsable du site.",
	    .erased = "L’effacement retire vos données du registre et défait ce que le filtre a appris de vos "
		      "commentaires. Il n’en reste que ceci : un commentaire a été jugé, et quand.",
	    .backups = "Les copies de sauvegarde faites auparavant contiennent encore ce qui a été effacé depuis, "
		       "sur demande ou à son terme, jusqu’à ce qu’elles soient effacées à leur tour.",

	    .made_from = "Cette page est rédigée d’après les réglages en vigueur.",
	    .languages = "Langues",
	    .as_json = "la même chose en JSON",
	},
	{
	    .language = "es",
	    .own_name = "Español",
	    .title = "Cómo se tratan los datos de tus comentarios",
	    .this_site = "este sitio",
	    .intro = "Los comentarios en {} los revisa Hamlet, un filtro antispam que funciona en la propia máquina del "
		     "sitio. No se consulta ningún otro servicio, y nada de lo que escribes se envía a nadie para esta "
		     "revisión.",

	    .stored_title = "Qué se guarda, para qué y durante cuánto tiempo",
	    .stored_intro = "Cada comentario se registra junto con su veredicto, en la medida en que el sitio facilita "
			    "los datos siguientes. Cuando vence su plazo, cada parte se borra por separado.",
	    .part = {
		[RETAINED_CONTENT] = { "El texto de tu comentario, con su página, fecha e idioma",
		    "El texto es lo que examina el filtro. Se guarda para poder encontrar y corregir un veredicto equivocado." },
		[RETAINED_PERSON] = { "Tu nombre, tu correo electrónico y tu dirección web, tal como los indicaste",
		    "El spam suele delatarse en ellos, y permiten al responsable del sitio saber de quién es un "
		    "comentario retenido." },
		[RETAINED_ADDRESS] = { "Tu dirección IP, el nombre de tu navegador y la página de la que venías",
		    "Ayudan a entender un ataque mientras dura. El filtro no aprende nada de ellos." },
		[RETAINED_EVIDENCE] = { "Las palabras y los indicios en que se basa el veredicto",
		    "Permiten explicar cada veredicto, hasta la última palabra." },
	    },
	    .kept = "Plazo: {}",
	    .record = { "El veredicto en sí: cuándo, bueno, dudoso o spam, y con qué probabilidad",
		"Muestra lo que hizo el filtro, y el registro está sellado para que nadie pueda cambiarlo sin que se note; por "
		"eso esta parte nunca se borra. De lo borrado solo queda una huella de la que no se puede deducir nada. "
		"Sin las partes anteriores no dice nada de ti." },
	    .record_kept = "Se guarda mientras el sitio conserve su registro",
	    .example = { "Los ejemplos",
		"Cuando el responsable del sitio corrige un veredicto, el comentario pasa a ser un ejemplo del que "
		"aprende el filtro. Su texto, el nombre, el correo electrónico y la dirección web hacen falta entonces "
		"para poder deshacer ese aprendizaje con exactitud; la dirección IP, el nombre del navegador y la "
		"página de procedencia desaparecen en su plazo habitual." },
	    .example_kept = "Se guardan hasta que se retire la corrección y venza el plazo de los textos, o hasta que pidas que se borren",
	    .hour = "1 hora", .hours = "{} horas", .day = "1 día", .days = "{} días",
	    .forever = "mientras el responsable del sitio no lo borre",

	    .decision_title = "Cómo se decide",
	    .decision = "El filtro estima la probabilidad de que un comentario sea spam a partir de comentarios que han "
			"clasificado personas. El responsable del sitio puede ver cada veredicto y corregirlo.",
	    .unsure_is_ham = "Un comentario dudoso se trata como bueno.",
	    .unsure_is_spam = "Un comentario dudoso se trata como spam hasta que alguien lo haya mirado.",
	    .flood = "Para detectar el spam que llega en oleadas, se recuerdan huellas del texto, los enlaces y la dirección IP de un comentario durante un máximo de {}.",
	    .rules = "El responsable del sitio ha establecido reglas propias, que pueden decidir en lugar del filtro.",
	    .discard = "El spam con una certeza de al menos el {} % puede descartarse sin que nadie lo vea.",

	    .who_title = "Quién puede verlo",
	    .who = "Quienes administran este sitio y su máquina. No pueden verlo otros comentaristas, ni los "
		   "visitantes, ni otros sitios que usan el mismo filtro.",
	    .stays_title = "Nada sale de la máquina",
	    .stays = "La revisión, lo que aprende y lo que registra se quedan en la máquina. No hay cookies, ni "
		     "rastreadores, ni destinatarios externos.",

	    .ask_title = "Tus datos: una copia o su borrado",
	    .ask = "Puedes pedir todo lo que se guarda sobre ti, en un solo archivo, o que se borre. Indica el correo "
		   "electrónico, el nombre o la dirección IP con los que comentaste.",
	    .ask_whom = "Escribe a {}.",
	    .ask_owner = "Dirígete al responsable del sitio.",
	    .erased = "El borrado elimina tus datos del registro y deshace lo que el filtro aprendió de tus "
		      "comentarios. Solo queda constancia de que se juzgó un comentario, y cuándo.",
	    .backups = "Las copias de seguridad hechas antes aún contienen lo que se ha borrado desde entonces, a "
		       "petición o a su plazo, hasta que se borren ellas mismas.",

	    .made_from = "Esta página se redacta a partir de la configuración vigente.",
	    .languages = "Idiomas",
	    .as_json = "lo mismo en JSON",
	},
};

const struct privacy_words *
privacy_words(size_t *n)
{
	*n = sizeof(words) / sizeof(words[0]);
	return words;
}
