"""The help of the command line. It stands apart from the other sentences because `--help` must not wait for them."""

from __future__ import annotations

HELP = {
    "en": {
        "grade": "Grade the server in the folder SUBMISSION: start it in a sandbox, drive it with concurrent clients, compare it"
        " with the reference, and write a page that explains the result. A folder of submissions, or several, is a class: all are"
        " graded, and those that have not changed since the last time are kept.\n\n`grade serve` runs the reference server to try things"
        " against, `grade prove` tries a spec on servers of known worth, `grade spec` helps to write one, `grade dialect` finds out how a server talks, and `grade report` draws the results of a grading again, as"
        " a page, for a gradebook or for a script (see `grade serve --help`, and so on).\n\n`grade doctor` says which sandbox this machine gives.",
        "epilog": "Exit codes: 0 graded, 1 grader problem in some check, 2 wrong arguments or spec, 3 fewer points than --fail-under,"
        " 130 interrupted.",
        "spec": "The YAML file with the checks. Without it: the nearest folder specs/ going up from the submission.",
        "only": "Run this check only, whatever it needs; may be given several times. Other verdicts are kept.",
        "out": "Folder for the results: report.html and results.json of each submission.",
        "lang": "Language of the page and of these lines.",
        "seed": "Number from which the random choices of a run are made, to repeat it.",
        "fail-under": "End with exit code 3 if fewer points than N were earned.",
        "sandbox": "Use this sandbox and no other. Without it: the best that works here.",
        "require-sandbox": "Refuse to grade in a sandbox that holds less than this one: full, namespaces, landlock, limits.",
        "doctor": "Say which sandbox this machine gives, why it gives no better one, and how to get it.",
        "verbose": "Say more: sandbox, seed, time and evidence of each check.",
        "format": "Also write the result as NAME: html, text, markdown, json, csv, gradescope, moodle, junit or github; to FILE, or"
        " in place of these lines, which then go to standard error. May be given several times.",
        "view": "For whom: a student sees of a hidden check only how it ended. Without it: whoever the report is made for.",
        "incomplete": "Write to a gradebook even if not every check could be judged: the points earned so far.",
        "report": "Draw the RESULTS of gradings again, without running anything. RESULTS are results.json files, or folders with"
        " such files in them.",
        "to": "What to draw: html, text, markdown, json, csv, gradescope, canvas, moodle, moodle-worksheet, junit or github.",
        "report-out": "The file to write, or a folder in which each submission gets a file of its own. Without it: standard output.",
        "roster": "The list of students: the gradebook as Canvas exported it, or for Moodle the participants.",
        "worksheet": "The grading worksheet of the assignment, as Moodle gave it out.",
        "column": "Which assignment of the gradebook to fill: its title or its number.",
        "out-of": "Convert the grade, so that it is out of N points.",
        "diff": "Say what changed since these earlier results, and why.",
        "serve": "Run the reference server on PORT (5000 if none is given), until Ctrl-C.",
        "import": "Show what ARCHIVE holds, as Canvas, Moodle, GitHub or Gradescope handed it out: whose submission is which, and"
        " what could not be taken. Nothing is graded.",
        "import-to": "Unpack it into this folder, one folder for each student.",
        "watch": "Grade again whenever a file of the submission is saved, and say first what changed. Ctrl-C ends it.",
        "class-jobs": "How many submissions of a class are graded at the same time; with 2 or more, others beside those that merely wait. Without it: as many as there are processors.",
        "again": "Grade everything again, also what has not changed since the last time.",
        "cluster": "Grade a class on the workers of this dask scheduler, such as tcp://scheduler:8786 (see docs/SCALE.md).",
        "weak-sandbox": "Grade a class even where submissions can meet each other: in a sandbox below namespaces.",
        "prove": "Prove that the checks of SPEC tell right from wrong: grade the reference and the servers that stand under `proof:`."
        " Correct ones must lose nothing, faulty ones just the checks that they name, and each check must catch something.",
        "spec-group": "Write specs: name their mistakes, say in words what they ask, and begin a new one.",
        "spec-check": "Name every mistake in FILE, with its line, what is wrong and what to write. Exit code 2 if there is one.",
        "spec-explain": "Say in words what each check of FILE sends and expects; ready-made checks are written out. Nothing is started.",
        "spec-only": "Explain this check only; may be given several times.",
        "spec-schema": "Print a JSON Schema of specs: with it an editor completes keys and marks what is no key.",
        "spec-new": "Ask five questions and write a first spec into FILE, with comments.",
        "dialect": "Find out how the server in the folder SUBMISSION talks, whose protocol nobody has described, and print it as YAML,"
        " with what each line was seen from. Corrected by hand, it can stand in the folder's submission.yaml.",
        "prove-epilog": "Exit codes: 0 proved, 1 not proved, 2 wrong arguments or spec, 130 interrupted. With GRADER_ALL=1 in the"
        " environment a server whose compiler is missing counts as a failure.",
        "prove-only": "Try this server only (its file's name without the suffix, or `reference`); may be given several times.",
        "jobs": "How many servers are tried side by side. Without it: as many as there are processors.",
        "runs": "Try every server so many times, and name those that do not lose the same every time.",
        "prove-out": "Folder in which proof.json is written. Without it nothing is written.",
    },
    "es": {
        "grade": "Evalúa el servidor de la carpeta SUBMISSION: lo arranca en un espacio aislado, le conecta clientes al mismo tiempo,"
        " lo compara con el servidor de referencia y escribe una página que explica el resultado."
        " Una carpeta de entregas, o varias, es un curso: se evalúan todas, y se conservan las que no han cambiado.\n\n`grade serve` pone en marcha el"
        " servidor de referencia para probar contra él, `grade prove` prueba una especificación con servidores cuyo valor"
        " se conoce, `grade spec` ayuda a escribir una, y `grade report` vuelve a presentar los resultados de una evaluación: como página, para la plataforma del"
        " curso o para un script (ver `grade serve --help`, etcétera).\n\n`grade doctor` dice qué aislamiento da esta máquina.",
        "epilog": "Códigos de salida: 0 evaluado, 1 problema del evaluador en alguna prueba, 2 argumentos o especificación incorrectos,"
        " 3 menos puntos que --fail-under, 130 interrumpido.",
        "spec": "El archivo YAML con las pruebas. Si falta: la carpeta specs/ más cercana, subiendo desde la entrega.",
        "only": "Hace solo esta prueba, sin mirar de cuáles depende; se puede repetir. Lo demás se conserva.",
        "out": "Carpeta para los resultados: report.html y results.json de cada entrega.",
        "lang": "Idioma de la página y de estas líneas.",
        "seed": "Número del que salen las decisiones al azar, para repetir una evaluación.",
        "fail-under": "Termina con el código 3 si se obtienen menos de N puntos.",
        "sandbox": "Usa este aislamiento y ningún otro. Si falta: el mejor que funcione aquí.",
        "require-sandbox": "No evalúa en un aislamiento que proteja menos que este: full, namespaces, landlock, limits.",
        "doctor": "Dice qué aislamiento da esta máquina, por qué no da uno mejor y cómo lograrlo.",
        "verbose": "Dice más: aislamiento, semilla, tiempo y evidencia de cada prueba.",
        "format": "Escribe el resultado también como NAME: html, text, markdown, json, csv, gradescope, moodle, junit o github; en"
        " FILE, o en lugar de estas líneas, que pasan a la salida de errores. Se puede repetir.",
        "view": "Para quién: de una prueba oculta, un estudiante solo ve cómo terminó. Si falta: para quien es cada reporte.",
        "incomplete": "Escribe la nota aunque falten pruebas por evaluar: los puntos obtenidos hasta ahora.",
        "report": "Vuelve a presentar los resultados (RESULTS) de evaluaciones hechas, sin ejecutar nada. RESULTS son archivos"
        " results.json, o carpetas que los contienen.",
        "to": "Qué hacer: html, text, markdown, json, csv, gradescope, canvas, moodle, moodle-worksheet, junit o github.",
        "report-out": "El archivo, o una carpeta en la que cada entrega tendrá su propio archivo. Si falta: la salida estándar.",
        "roster": "La lista de estudiantes: el libro de calificaciones que exportó Canvas, o los participantes de Moodle.",
        "worksheet": "La hoja de calificaciones de la tarea, tal como la entregó Moodle.",
        "column": "Qué tarea del libro de calificaciones llenar: su título o su número.",
        "out-of": "Convierte la nota para que sea sobre N puntos.",
        "diff": "Dice qué cambió desde estos resultados anteriores, y por qué.",
        "serve": "Pone en marcha el servidor de referencia en el puerto PORT (5000 si no se indica), hasta Ctrl-C.",
        "import": "Muestra qué hay en ARCHIVE, tal como lo entrega Canvas, Moodle, GitHub o Gradescope: de quién es cada entrega y qué"
        " no se pudo tomar. No evalúa nada.",
        "import-to": "Lo desempaqueta en esta carpeta, una carpeta por estudiante.",
        "watch": "Evalúa de nuevo cada vez que se guarda un archivo de la entrega, y dice primero qué cambió. Ctrl-C lo termina.",
        "class-jobs": "Cuántas entregas de un curso se evalúan a la vez; con 2 o más, otras al lado de las que solo esperan. Si falta: tantas como procesadores haya.",
        "again": "Evalúa todo de nuevo, también lo que no ha cambiado desde la última vez.",
        "cluster": "Evalúa un curso con los trabajadores de este planificador de dask, como tcp://scheduler:8786 (ver docs/SCALE.md).",
        "weak-sandbox": "Evalúa un curso aunque las entregas puedan encontrarse unas con otras: en un aislamiento por debajo de namespaces.",
        "prove": "Demuestra que las pruebas de SPEC distinguen lo correcto de lo incorrecto: evalúa la referencia y los servidores que"
        " están bajo `proof:`. Los correctos no deben perder nada, los defectuosos solo las pruebas que nombran, y cada prueba debe"
        " atrapar algo.",
        "spec-group": "Para escribir especificaciones: nombra sus errores, dice en palabras qué piden, y empieza una nueva.",
        "spec-check": "Nombra cada error de FILE: la línea, qué está mal y qué escribir. Código de salida 2 si hay alguno.",
        "spec-explain": "Dice en palabras qué manda y qué espera cada prueba de FILE; las que vienen hechas se escriben completas. No"
        " arranca nada.",
        "spec-only": "Explica solo esta prueba; se puede repetir.",
        "spec-schema": "Imprime un JSON Schema de las especificaciones: con él, un editor completa las claves y marca lo que no es una.",
        "spec-new": "Hace cinco preguntas y escribe en FILE una primera especificación, con comentarios.",
        "dialect": "Averigua cómo habla el servidor de la carpeta SUBMISSION, cuyo protocolo nadie describió, y lo imprime como YAML, con"
        " lo que se vio para cada línea. Corregido a mano, puede ponerse en el submission.yaml de la carpeta.",
        "prove-epilog": "Códigos de salida: 0 demostrado, 1 no demostrado, 2 argumentos o especificación incorrectos, 130 interrumpido."
        " Con GRADER_ALL=1 en el entorno, un servidor cuyo compilador falta cuenta como falla.",
        "prove-only": "Prueba solo este servidor (el nombre de su archivo sin la extensión, o `reference`); se puede repetir.",
        "jobs": "Cuántos servidores se prueban al mismo tiempo. Si falta: tantos como procesadores haya.",
        "runs": "Prueba cada servidor esta cantidad de veces y nombra los que no pierden siempre lo mismo.",
        "prove-out": "Carpeta en la que se escribe proof.json. Si falta, no se escribe nada.",
    },
}
