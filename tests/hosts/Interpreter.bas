Option Explicit
' What depends on the program that runs these macros: an interpreter of VBA, in the tests. Tests.Host is in Python.

Public Function HostBook() As Object
    Set HostBook = ActiveWorkbook
End Function

Public Function HostHere(book As Object) As Object
    Set HostHere = ActiveCell
End Function

Public Sub HostRun(ByVal command As String, ByRef code As Long)
    code = CreateObject("Tests.Host").Run(command)
End Sub

Public Function HostFolder() As String
    HostFolder = CreateObject("Tests.Host").Folder
End Function

Public Function HostSeparator() As String
    HostSeparator = "/"
End Function

Public Function HostWindow() As String
    HostWindow = "0"
End Function

Public Function HostLive() As Boolean
    HostLive = CreateObject("Tests.Host").Live
End Function

Public Sub HostSaveCopy(book As Object, ByVal path As String)
    CreateObject("Tests.Host").SaveCopy book.Name, path
End Sub

Public Function HostCell(sheet As Object, ByVal at As Long) As Object
    Set HostCell = sheet.Comments(at).Parent
End Function

Public Sub HostShape(cell As Object)
End Sub

Public Sub HostNew(ByVal path As String)
    CreateObject("Tests.Host").NewBook path
End Sub

Public Function HostExists(ByVal path As String) As Boolean
    HostExists = CreateObject("Tests.Host").Exists(path)
End Function

Public Sub HostMakeFolder(ByVal path As String)
    CreateObject("Tests.Host").MakeFolder path
End Sub

Public Sub HostDeleteFolder(ByVal path As String)
    CreateObject("Tests.Host").DeleteFolder path
End Sub

Public Sub HostCalculate()
    Application.Calculate
End Sub

Public Function HostWords(ByVal words As String) As String
    HostWords = "'" & words
End Function

Public Function HostTyped(cell As Object) As String
    HostTyped = cell.Formula
End Function

Public Function HostSay(ByVal words As String, ByVal choice As Boolean) As Boolean
    If choice Then
        HostSay = (MsgBox(words, vbYesNo + vbQuestion, SE_Text("title")) = vbYes)
    Else
        MsgBox words, vbInformation, SE_Text("title")
    End If
End Function

Public Sub HostBusy(ByVal words As String)
    CreateObject("Tests.Host").Busy words
End Sub

Public Sub HostIdle()
    CreateObject("Tests.Host").Busy ""
End Sub

Public Function HostSavesItself(book As Object) As Boolean
    HostSavesItself = CreateObject("Tests.Host").SavesItself
End Function

Public Function HostReadOnly(book As Object) As Boolean
    HostReadOnly = CreateObject("Tests.Host").ReadOnly
End Function
