"""The help of the command line. It stands apart from the other sentences because `--help` must not wait for them."""

from __future__ import annotations

HELP = {
    "en": {
        "grade": "Grade the server in the folder SUBMISSION: start it in a sandbox, drive it with concurrent clients, compare it"
        " with the reference, and write a page that explains the result.\n\n`grade serve` runs the reference server to try things"
        " against (see `grade serve --help`).",
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
    },
    "es": {
        "grade": "Evalúa el servidor de la carpeta SUBMISSION: lo arranca en un espacio aislado, le conecta clientes al mismo tiempo,"
        " lo compara con el servidor de referencia y escribe una página que explica el resultado.\n\n`grade serve` pone en marcha el"
        " servidor de referencia para probar contra él (ver `grade serve --help`).",
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
    },
}
