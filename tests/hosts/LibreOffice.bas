Option Explicit
' What depends on the program that runs these macros: LibreOffice, in the tests.

Public Function HostRun(command As String) As Long
    Dim done As String, said As String, number As Integer
    done = HostFolder() & "/done" & CStr(CLng(Timer() * 100)) & CStr(Int(Rnd() * 1000000))
    Shell command & " " & Chr(34) & "--done=" & done & Chr(34), 0
    Do While Not HostExists(done)
        Wait 50
    Loop
    number = FreeFile
    Open done For Input As #number
    Line Input #number, said
    Close #number
    HostRun = CLng(said)
End Function

Public Function HostFolder() As String
    HostFolder = Environ("WT_FOLDER")
End Function

Public Function HostSeparator() As String
    HostSeparator = "/"
End Function

Public Function HostWindow() As String
    HostWindow = "0"
End Function

Public Function HostLive() As Boolean
    HostLive = (Environ("WT_BRIDGE") = "live")
End Function

Public Sub HostSaveCopy(book As Object, path As String)
    book.SaveCopyAs path
End Sub

Public Sub HostNew(path As String)
    Workbooks.Add path
End Sub

Public Function HostExists(path As String) As Boolean
    HostExists = (Dir(path) <> "")
End Function

Public Sub HostMakeFolder(path As String)
    MkDir path
End Sub

Public Sub HostDeleteFolder(path As String)
    Dim name As String
    name = Dir(path & "/*")
    Do While name <> ""
        Kill path & "/" & name
        name = Dir()
    Loop
    RmDir path
End Sub

Public Sub HostCalculate()
    Application.Calculate
End Sub

Public Function HostWords(words As String) As String
    HostWords = words
End Function

Public Function HostSay(words As String, choice As Boolean) As Boolean
    Dim number As Integer
    number = FreeFile
    Open HostFolder() & "/said" For Append As #number
    Print #number, words
    Close #number
End Function

Public Function HostCell(comment As Object) As Object
    Dim sheet As Object, cell As Object
    For Each sheet In ActiveWorkbook.Worksheets
        For Each cell In sheet.UsedRange.Cells
            If Not cell.Comment Is Nothing Then
                If cell.Comment.Text = comment.Text Then Set HostCell = cell
            End If
        Next
    Next
End Function
