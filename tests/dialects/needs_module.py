# Wants a module that is not there.
import socket

import chat_protocol_framework

chat_protocol_framework.serve(socket.socket())
