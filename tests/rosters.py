"""Lists of students as Canvas and Moodle write them, for a course that some of the samples are in."""

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Root Account,Section,Notes,Tarea 1 (55),Chat server (1234),Current Score,Final Score
    Points Possible,,,,,,,10.00,105.00,(read only),(read only)
,,,,,,,,Manual Posting,,
"Lovelace, Alice",9001,u-1,alice,uni.example,S1,likes tea,3,,77,77
"Ñuñez, Bob",9002,u-2,bob,uni.example,S1,,,40,12,12
"=Kim, Kate",9003,u-3,kate,uni.example,"S1, S2",,,,,
"Student, Test",9999,,4b3f,uni.example,S1,,,,,
"""

MOODLE_USERS = """\
First name,Last name,ID number,Institution,Department,Email address,Course total
Alice,Lovelace,20261,Uni,,Alice.L@uni.example,77
Bob,Núñez,20262,Uni,,bob@uni.example,12
Kate,Kim,20263,Uni,,kate@uni.example,-
"""

WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Group,Grade,Maximum grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 31001,Alice Lovelace,20261,alice@uni.example,Submitted for grading,,,105.00,Yes,\
"Sunday, 22 November 2026, 5:51 PM",-,
Participant 31002,"Bob ""el rápido"" Núñez",20262,bob@uni.example,Submitted for grading,B,40.00,105.00,Yes,\
"Sunday, 22 November 2026, 5:40 PM","Monday, 23 November 2026, 9:00 AM","<p>We talked about it. \\\\ Good.</p>"
Participant 31003,Kate Kim,20263,kate@uni.example,No submission,,,105.00,Yes,-,-,
"""

WORKSHEET_ES = """\
Identificador,Nombre completo,Número de ID,Dirección de correo,Estado,Calificación,Calificación máxima,\
La calificación puede ser cambiada,Última modificación (entrega),Última modificación (calificación),\
Comentarios de retroalimentación
Participante 31001,Alice Lovelace,20261,alice@uni.example,Enviado para calificar,,"105,00",Sí,"domingo, 22 de noviembre",-,
"""
