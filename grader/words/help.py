"""The help of the command line. It stands apart from the other sentences because `--help` must not wait for them."""

from __future__ import annotations

HELP = {
    "en": {
        "grade": "Grade the server in the folder SUBMISSION: start it in a sandbox, drive it with concurrent clients, compare it"
        " with the reference, and write a page that explains the result.\n\n`grade serve` runs the reference server to try things"
        " against, `grade prove` tries a spec on servers of known worth (see `grade serve --help`, `grade prove --help`).",
        "epilog": "Exit codes: 0 graded, 1 grader problem in some check, 2 wrong arguments or spec, 3 fewer points than --fail-under,"
        " 130 interrupted.",
        "spec": "The YAML file with the checks. Without it: the nearest folder specs/ going up from the submission.",
        "only": "Run this check only, whatever it needs; may be given several times. Other verdicts are kept.",
        "out": "Folder for the results: report.html and results.json of each submission.",
        "lang": "Language of the page and of these lines.",
        "seed": "Number from which the random choices of a run are made, to repeat it.",
        "fail-under": "End with exit code 3 if fewer points than N were earned.",
        "sandbox": "Use this sandbox and no other. Without it: the best that works here.",
        "verbose": "Say more: sandbox, seed, time and evidence of each check.",
        "serve": "Run the reference server on PORT (5000 if none is given), until Ctrl-C.",
        "prove": "Prove that the checks of SPEC tell right from wrong: grade the reference and the servers that stand under `proof:`."
        " Correct ones must lose nothing, faulty ones just the checks that they name, and each check must catch something.",
        "prove-epilog": "Exit codes: 0 proved, 1 not proved, 2 wrong arguments or spec, 130 interrupted. With GRADER_ALL=1 in the"
        " environment a server whose compiler is missing counts as a failure.",
        "prove-only": "Try this server only (its file's name without the suffix, or `reference`); may be given several times.",
        "jobs": "How many servers are tried side by side. Without it: as many as there are processors.",
        "runs": "Try every server so many times, and name those that do not lose the same every time.",
        "prove-out": "Folder in which proof.json is written. Without it nothing is written.",
    },
    "es": {
        "grade": "Evalúa el servidor de la carpeta SUBMISSION: lo arranca en un espacio aislado, le conecta clientes al mismo tiempo,"
        " lo compara con el servidor de referencia y escribe una página que explica el resultado.\n\n`grade serve` pone en marcha el"
        " servidor de referencia para probar contra él, y `grade prove` prueba una especificación con servidores cuyo valor"
        " se conoce (ver `grade serve --help`, `grade prove --help`).",
        "epilog": "Códigos de salida: 0 evaluado, 1 problema del evaluador en alguna prueba, 2 argumentos o especificación incorrectos,"
        " 3 menos puntos que --fail-under, 130 interrumpido.",
        "spec": "El archivo YAML con las pruebas. Si falta: la carpeta specs/ más cercana, subiendo desde la entrega.",
        "only": "Hace solo esta prueba, sin mirar de cuáles depende; se puede repetir. Lo demás se conserva.",
        "out": "Carpeta para los resultados: report.html y results.json de cada entrega.",
        "lang": "Idioma de la página y de estas líneas.",
        "seed": "Número del que salen las decisiones al azar, para repetir una evaluación.",
        "fail-under": "Termina con el código 3 si se obtienen menos de N puntos.",
        "sandbox": "Usa este aislamiento y ningún otro. Si falta: el mejor que funcione aquí.",
        "verbose": "Dice más: aislamiento, semilla, tiempo y evidencia de cada prueba.",
        "serve": "Pone en marcha el servidor de referencia en el puerto PORT (5000 si no se indica), hasta Ctrl-C.",
        "prove": "Demuestra que las pruebas de SPEC distinguen lo correcto de lo incorrecto: evalúa la referencia y los servidores que"
        " están bajo `proof:`. Los correctos no deben perder nada, los defectuosos solo las pruebas que nombran, y cada prueba debe"
        " atrapar algo.",
        "prove-epilog": "Códigos de salida: 0 demostrado, 1 no demostrado, 2 argumentos o especificación incorrectos, 130 interrumpido."
        " Con GRADER_ALL=1 en el entorno, un servidor cuyo compilador falta cuenta como falla.",
        "prove-only": "Prueba solo este servidor (el nombre de su archivo sin la extensión, o `reference`); se puede repetir.",
        "jobs": "Cuántos servidores se prueban al mismo tiempo. Si falta: tantos como procesadores haya.",
        "runs": "Prueba cada servidor esta cantidad de veces y nombra los que no pierden siempre lo mismo.",
        "prove-out": "Carpeta en la que se escribe proof.json. Si falta, no se escribe nada.",
    },
}
