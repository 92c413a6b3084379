# Keeps its messages in a database.
import socket

import pymongo

db = pymongo.MongoClient("localhost", 27017)
server = socket.create_server(("127.0.0.1", 7004))
