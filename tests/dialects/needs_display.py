# Opens a window before anything else.
import socket
import tkinter

window = tkinter.Tk()
server = socket.create_server(("127.0.0.1", 7005))
window.mainloop()
